import type { Choice, PromptObject } from 'prompts'
import type { Terminal } from '../base/ports.ts'
import { sentence } from '../base/words.ts'
import { BRACKETED, keysOf, linesOf } from './paste.ts'
import type { Printer } from './printer.ts'
import { describeProblem, interruptedAt } from './problems.ts'
import type { Query } from './query.ts'
import { QUESTIONS } from './questions.ts'

/** Answers queries by asking at the terminal. Nothing that is typed or pasted as a connection string is ever shown. */
export async function replierAt(
  terminal: Terminal,
  { note, warn }: Printer,
): Promise<(query: Exclude<Query, Query<'never' | 'run'>>) => Promise<unknown>> {
  const prompt = await promptsOn(terminal)

  async function choose(query: Query<'choice'>): Promise<unknown> {
    const { question, choices, initial } = query
    const index = choices.findIndex(({ value }) => value === initial)
    const answer = await prompt({
      ...(choices.length > LONG_LIST ? FILTERED : { type: 'select', hint: '(arrow keys, Enter)' }),
      message: question.message,
      choices: choices.map(({ title, value, description }) => ({ title, value, description })),
      initial: Math.max(index, 0),
    })
    return answer ?? choose(query)
  }

  async function paste(query: Query<'url'>): Promise<unknown> {
    const ending = query.optional ? ' (Enter to skip)' : ''
    for (;;) {
      const text = String(await prompt({ type: 'password', message: query.question.message + ending }))
      if (text.trim() === '') {
        if (query.optional) return null
        note('This is required; Ctrl-C leaves without changing anything.')
        continue
      }
      const verdict = query.judge(text)
      if ('value' in verdict) return verdict.value
      const { problem, meant, offer = QUESTIONS.meant.message } = verdict
      warn(sentence(problem.message))
      if (meant && (await prompt({ type: 'confirm', message: offer, initial: true }))) return meant
    }
  }

  return async (query) => {
    if ('question' in query && query.question.explain) note(query.question.explain)
    switch (query.ask) {
      case 'say':
        return query.lines.forEach(note)
      case 'again':
        for (const problem of query.problems) warn(describeProblem(problem))
        return true
      case 'choice':
        return choose(query)
      case 'confirm':
        return prompt({ type: 'confirm', message: query.question.message, initial: query.initial })
      case 'number':
        return prompt({ type: 'number', message: query.question.message, initial: query.initial, min: 1 })
      case 'url':
        return paste(query)
    }
  }
}

/**
 * A yes or no at the terminal; Enter means `initial`. Of a plan, `show` prints the whole.
 * @throws {ActionableError} with exit code 130 on Ctrl-C, Escape, and when the input ends.
 */
export async function askToConfirm(message: string, initial: boolean, terminal: Terminal, show?: () => void) {
  const prompt = await promptsOn(terminal)
  const third = show && { yesOption: '(Y)es, (d)iff, (n)o', d: 'diff' }
  for (;;) {
    const answer = await prompt({ type: 'confirm', message, initial, ...third })
    if (answer !== 'diff') return answer === true
    show?.()
  }
}

/**
 * One prompt at a time on the terminal.
 * @throws {ActionableError} with exit code 130 on Ctrl-C, Escape, and when the input ends: a prompt would wait forever.
 */
export async function promptsOn({ stdin, stderr, color, signal }: Terminal) {
  const { default: prompts } = await import('prompts')
  return async (question: Asked): Promise<unknown> => {
    if (stdin.readableEnded || stdin.destroyed || signal?.aborted) throw interruptedAt()
    let cancelled = false
    let instead: string | null = null
    const choices = Array.isArray(question.choices) ? question.choices : []
    const described = new Map(choices.map(({ value, description }) => [value, description]))
    // `prompts` always draws in colour and ignores NO_COLOR.
    const write = (text: string) => {
      const drawn = instead ?? text
      instead = null
      return stderr.write(color ? drawn : drawn.replace(COLOURS, ''))
    }
    const stdout = Object.create(stderr, { write: { value: write } })
    const onState = ({ aborted, exited }: { aborted: boolean; exited?: boolean }) => {
      cancelled = aborted || exited === true
    }
    function onRender(this: Drawn) {
      // It would draw the answer that was about to be given.
      if (cancelled) instead = `\r\u001b[31m✖\u001b[39m ${question.message}`
      if (this.suggestions) this.transform = { render: (typed) => typed || '(type or arrow keys)', scale: 1 }
      this.suggestions?.forEach((each, index) => {
        each.description = index === this.select ? described.get(each.value) : undefined
      })
      if (question.d)
        this._ = (key) =>
          key.toLowerCase() === 'd' ? answerWith(this, question.d!) : Object.getPrototypeOf(this)._.call(this, key)
      if (question.type === 'password') this.rendered = this.rendered?.slice(0, LONGEST_MASK)
    }
    const keys = keysOf(stdin, !['confirm', 'select', 'autocomplete'].includes(String(question.type)))
    const leave = () => keys.stream.emit('keypress', undefined, { ctrl: true, name: 'c' })
    stdin.once('end', leave).once('close', leave)
    signal?.addEventListener('abort', leave)
    stderr.write(BRACKETED.on)
    try {
      const { value } = await prompts({ ...question, name: 'value', stdin: keys.stream, stdout, onState, onRender })
      if (cancelled) throw interruptedAt()
      return linesOf(value)
    } finally {
      stderr.write(BRACKETED.off)
      keys.close()
      signal?.removeEventListener('abort', leave)
      stdin.off('end', leave).off('close', leave)
    }
  }
}

const COLOURS = /\u001b\[[\d;]*m/g

/** A connection string of masks would fill lines. */
const LONGEST_MASK = 8

interface Asked extends Omit<PromptObject<'value'>, 'name'> {
  yesOption?: string
  /** A third answer, and the letter that gives it. */
  d?: string
}

function answerWith(prompt: Drawn, answer: string): void {
  prompt.value = answer
  prompt.yesMsg = answer
  prompt.submit()
}

/** A prompt that is about to be drawn. */
interface Drawn {
  value: unknown
  yesMsg?: string
  submit(): void
  _(key: string): void
  rendered?: string | undefined
  transform?: { render: (typed: string) => string; scale: number }
  select?: number
  suggestions?: { value: unknown; description: string | undefined }[]
}

/** Longer ones are worth typing a few letters in. */
const LONG_LIST = 7

/** Typing narrows the list down, and only the highlighted choice is described. */
const FILTERED = {
  type: 'autocomplete',
  limit: 20,
  fallback: 'Nothing matches.',
  suggest: async (typed: string, choices: Choice[]) =>
    choices.filter(({ title, value }) => `${title} ${value}`.toLowerCase().includes(typed.trim().toLowerCase())),
} as const
