import { PassThrough, Writable } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import type { Terminal } from '../../src/base/ports.ts'
import { screenOf } from '../support/screen.ts'

export interface Step {
  /** Waited for in what is printed after the previous step's keys. */
  expect: string
  /** Pressed then, or what else happens. */
  keys: string | (() => void)
}

export const KEYS = { enter: '\r', up: '\u001b[A', down: '\u001b[B', escape: '\u001b', ctrlC: '\u0003' }

/** A terminal with a person in front of it, who reads what is printed and presses keys in answer. */
export class Person {
  readonly terminal: Terminal
  readonly #stdin = new PassThrough()
  readonly #columns: number
  #steps: readonly Step[]
  #output = ''
  /** What was printed since the last keys, as it reads. */
  #unanswered = ''

  constructor(steps: readonly Step[] = [], columns = 80) {
    this.#steps = steps
    this.#columns = columns
    const stderr = new Writable({
      write: (chunk, _encoding, done) => {
        this.#output += chunk
        this.#unanswered += stripVTControlCharacters(String(chunk))
        done()
        setImmediate(() => this.#react())
      },
    })
    this.terminal = {
      stdin: Object.assign(this.#stdin, { isTTY: true, setRawMode: () => this.#stdin }) as never,
      stdout: new Writable({
        write: (_chunk, _encoding, done) => done(new Error('stdout is for results')),
      }) as never,
      stderr: Object.assign(stderr, { isTTY: true, columns }) as never,
      interactive: true,
      color: false,
    }
  }

  /** What is on the screen, as running text. */
  get transcript(): string {
    return this.screen.replace(/\s+/g, ' ')
  }

  get screen(): string {
    return screenOf(this.#output.replaceAll('\n', '\r\n'), this.#columns)
  }

  /** Everything that was printed, overwritten or not. */
  get output(): string {
    return this.#output
  }

  /** Steps that nothing was printed for. */
  get waiting(): readonly Step[] {
    return this.#steps
  }

  /** The window is closed. */
  leave(): void {
    this.#stdin.end()
  }

  #react(): void {
    const [next, ...rest] = this.#steps
    if (!next || !this.#unanswered.includes(next.expect)) return
    this.#steps = rest
    this.#unanswered = ''
    if (typeof next.keys === 'string') this.#stdin.write(next.keys)
    else next.keys()
  }
}
