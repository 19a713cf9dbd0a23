import type { PromptObject } from 'prompts'
import type { ConnectionString } from '../connection/connection-string.ts'
import type { Terminal } from '../ports.ts'
import { palette, sanitise, wrap } from '../view/text.ts'
import { InputError, type InputProblem, interrupted } from './problems.ts'
import type { Query } from './query.ts'
import { QUESTIONS } from './questions.ts'

export interface Prompting {
  reply(query: Query): Promise<unknown>
}

type Of<A extends Query['ask']> = Extract<Query, { ask: A }>

/** Answers queries by asking at the terminal. Nothing that is typed or pasted as a connection string is ever shown. */
export async function startPrompting(
  terminal: Terminal,
  commandFor: (problems: readonly InputProblem[]) => string,
): Promise<Prompting> {
  const prompt = await promptsOn(terminal)
  const paint = palette(terminal.color)
  const write = (text: string) => terminal.stderr.write(`${text}\n`)
  const tell = (text: string) => write(paint.dim(wrap(sanitise(text), { columns: terminal.stderr.columns })))
  const complain = ({ supply, message }: InputProblem) => {
    const text = message.startsWith(supply) ? message : `${supply}: ${message}`
    write(paint.yellow(wrap(sanitise(text), { columns: terminal.stderr.columns, first: '! ' })))
  }

  async function choose({ question, choices, initial }: Of<'choice'>) {
    const index = choices.findIndex(({ value }) => value === initial)
    return prompt({
      type: 'select',
      message: question.message,
      hint: '(arrow keys, Enter)',
      choices: choices.map(({ title, value, description }) => ({ title, value, description })),
      initial: Math.max(index, 0),
    })
  }

  async function paste(query: Of<'url'>): Promise<ConnectionString | null> {
    const ending = query.optional ? ' (Enter to go on without)' : ''
    for (;;) {
      const text = String(await prompt({ type: 'password', message: query.question.message + ending }))
      if (text.trim() === '') {
        if (query.optional) return null
        tell('It is needed; Ctrl-C leaves without changing anything.')
        continue
      }
      const verdict = query.judge(text)
      if ('url' in verdict) {
        verdict.notes.forEach(tell)
        return verdict.url
      }
      complain(verdict.problem)
      if (
        verdict.meant &&
        (await prompt({ type: 'confirm', message: QUESTIONS.meant.message, initial: true }))
      ) {
        return verdict.meant
      }
    }
  }

  return {
    async reply(query) {
      if ('question' in query && query.question.explain) tell(query.question.explain)
      switch (query.ask) {
        case 'say':
          return query.lines.forEach(tell)
        case 'again':
          query.problems.forEach(complain)
          return true
        case 'never':
          throw new InputError(query.problems, commandFor(query.problems))
        case 'choice':
          return choose(query)
        case 'confirm':
          return prompt({ type: 'confirm', message: query.question.message, initial: query.initial })
        case 'number':
          return prompt({
            type: 'number',
            message: query.question.message,
            initial: query.initial,
            min: query.min,
          })
        case 'url':
          return paste(query)
      }
    },
  }
}

/**
 * One prompt at a time on the terminal.
 * @throws {ActionableError} with exit code 130 on Ctrl-C, Escape, and when the input ends: a prompt would wait for ever.
 */
export async function promptsOn({ stdin, stderr }: Terminal) {
  const { default: prompts } = await import('prompts')
  return async (question: Omit<PromptObject<'value'>, 'name'>): Promise<unknown> => {
    if (stdin.readableEnded || stdin.destroyed) throw interrupted()
    let cancelled = false
    const onCancel = () => {
      cancelled = true
      return false
    }
    const ended = endOf(stdin)
    try {
      const asked = prompts({ ...question, name: 'value', stdin, stdout: stderr }, { onCancel })
      const { value } = await Promise.race([asked, ended.promise])
      if (cancelled) throw interrupted()
      return value
    } finally {
      ended.forget()
    }
  }
}

function endOf(stdin: NodeJS.ReadStream): { promise: Promise<never>; forget: () => void } {
  let onEnd = () => {}
  const promise = new Promise<never>((_, reject) => {
    onEnd = () => reject(interrupted())
    stdin.once('end', onEnd).once('close', onEnd)
  })
  return { promise, forget: () => stdin.off('end', onEnd).off('close', onEnd) }
}
