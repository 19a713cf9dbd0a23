import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'

/** Times are milliseconds, or of the clock. */
export interface Operation {
  ms: number
  /** The end of the error's text; `null` for an operation that was acknowledged. */
  error: string | null
  /** The key of the row that was written. */
  written: string | null
  /** When it ended. */
  at: number
}

export type Message =
  /** Closes the clients that are there and makes new ones, which connect when they are first asked. */
  | { do: 'make'; module: string | null; first: number; count: number }
  /** Client n sends a request at `starts[n]`, and one every `every` until `until`. */
  | { do: 'ask'; run: string; starts: number[]; every: number | null; until: number }
  | { do: 'memory' }

export interface Reply {
  operations: Operation[]
  rss?: number
  failed?: string
}

const PER_PROCESS = 50

/** The processes that play the functions. */
export class Load {
  readonly processes: ChildProcess[]
  readonly #module: string | null
  readonly #count: number
  readonly #perProcess: number

  /** `module`: the app's db module, as JavaScript; `null` for the driver alone. */
  constructor(program: string, { module, count, env, perProcess = PER_PROCESS }: LoadOptions) {
    this.#module = module
    this.#count = count
    this.#perProcess = perProcess
    const processes = Math.ceil(count / perProcess)
    this.processes = Array.from({ length: processes }, () =>
      fork(program, {
        env: env as NodeJS.ProcessEnv,
        execPath: env.NODE_BINARY ?? process.execPath,
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      }),
    )
  }

  make(): Promise<Reply[]> {
    return this.#tell((first, count) => ({ do: 'make', module: this.#module, first, count }))
  }

  /** One request of every function, spread over `over` milliseconds. */
  once(run: string, over = 0): Promise<Operation[]> {
    return this.#ask(run, over, null, 0)
  }

  /** A request of every function each `every` milliseconds, for `lasting`. */
  steady(run: string, every: number, lasting: number): Promise<Operation[]> {
    return this.#ask(run, every, every, Date.now() + lasting)
  }

  async memory(): Promise<number[]> {
    return (await this.#tell(() => ({ do: 'memory' }))).map(({ rss }) => rss!)
  }

  stop(): void {
    for (const child of this.processes) child.kill('SIGKILL')
  }

  async #ask(run: string, over: number, every: number | null, until: number): Promise<Operation[]> {
    const start = Date.now() + 500
    const replies = await this.#tell((first, count) => {
      const starts = Array.from({ length: count }, (_, index) => start + ((first + index) * over) / this.#count)
      return { do: 'ask', run, starts, every, until }
    })
    return replies.flatMap(({ operations }) => operations)
  }

  #tell(message: (first: number, count: number) => Message): Promise<Reply[]> {
    const replies = this.processes.map(async (child, index) => {
      const first = index * this.#perProcess
      child.send(message(first, Math.min(this.#perProcess, this.#count - first)))
      const [reply] = (await once(child, 'message')) as [Reply]
      if (reply.failed) throw new Error(reply.failed)
      return reply
    })
    return Promise.all(replies)
  }
}

export interface LoadOptions {
  module: string | null
  count: number
  env: Record<string, string | undefined>
  perProcess?: number
}
