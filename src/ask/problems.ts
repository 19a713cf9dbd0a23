import { ActionableError, EXIT } from '../base/errors.ts'
import * as interrupt from '../base/interrupt.ts'

/** One input that is missing or wrong. Never holds a secret. */
export interface InputProblem {
  /** Kebab-case; `missing-<what>` for an input that was not given. */
  code: string
  /** The flag, argument or variable that supplies it. */
  supply: string
  message: string
  /** A line to copy. */
  fix?: string | undefined
}

/** Every missing or wrong input of a run, at once; `command` is the command line with all that arguments can supply. */
export function inputError(problems: readonly InputProblem[], command: string): ActionableError {
  return new ActionableError(describe(problems), {
    code: problems.length === 1 ? problems[0]!.code : 'inputs',
    fix: remedy(problems, command),
    exitCode: EXIT.usage,
  })
}

/** A line that reads a secret without showing it, without arguments, and without leaving it in the shell's history. */
export function hiddenRead(name: string): string {
  return `read -rs ${name} && export ${name}`
}

/** About a connection string, or for want of one: the variable is to be given. */
export function badUrl(code: string, supply: string, message: string, variable = supply): InputProblem {
  return { code, supply, message, fix: hiddenRead(variable) }
}

/** Ctrl-C, Escape, or the end of the input at a question. */
export function interruptedAt(when = 'at a question'): ActionableError {
  return interrupt.interrupted(`Interrupted ${when}; nothing changed.`)
}

function describe(problems: readonly InputProblem[]): string {
  if (problems.length === 1) return describeProblem(problems[0]!)
  const items = problems.map((problem) => `  ${describeProblem(problem).replaceAll('\n', '\n    ')}`)
  return ['these inputs are missing or wrong:', ...items].join('\n')
}

/** One problem with the input that it is about. */
export function describeProblem({ supply, message }: InputProblem): string {
  return message.startsWith(supply) ? message : `${supply}: ${message}`
}

/** Lines to copy: what prepares the run, then the run itself. */
function remedy(problems: readonly InputProblem[], command: string): string {
  const lines = problems.flatMap(({ fix }) => (fix === undefined || isArgument(fix) ? [] : [fix]))
  return [...new Set(lines), command].join('\n')
}

/** A flag or a provider's name, not a separate command. */
export function isArgument(fix: string): boolean {
  return /^(--)?[a-z-]+( [\w./-]+)?$/.test(fix)
}
