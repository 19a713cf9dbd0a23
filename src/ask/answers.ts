import type { Terminal } from '../base/ports.ts'
import { typedAgain } from './command-line.ts'
import { decide } from './decide.ts'
import { printerOn } from './printer.ts'
import { badUrl, type InputProblem, inputError } from './problems.ts'
import { type Created, discard, type Programs, runShown } from './programs.ts'
import type { Query } from './query.ts'
import type { Answers, AskContext, Inputs } from './types.ts'

/**
 * Answers without a terminal: flags, variables, what the app has, and defaults. Nothing is ever guessed.
 * @throws {ActionableError} with exit code 2 and everything that is missing or wrong, at once.
 */
export function answersFromInputs(inputs: Inputs, context: AskContext): Answers {
  const problems: InputProblem[] = []
  const flow = decide(inputs, context)
  let step = flow.next()
  while (!step.done) step = flow.next(replyWithout(step.value, problems))
  if (problems.length > 0) throw refused(problems, inputs, context)
  return step.value!
}

/**
 * Answers from a person; only what flags and variables leave open is asked, and with `--yes` only what has no default.
 * Drawn on stderr. What was made at a provider meanwhile is taken back when there are no answers in the end.
 * @throws {ActionableError} with exit code 130 on Ctrl-C, and with 2 for a flag that is wrong.
 */
export async function askAnswers(
  inputs: Inputs,
  context: AskContext,
  terminal: Terminal,
  programs?: Programs,
): Promise<Answers> {
  const { replierAt } = await import('./prompting.ts')
  const printer = printerOn(terminal)
  const created: Created[] = []
  const ask = await replierAt(terminal, printer)
  const reply = async (query: Query) => {
    if (query.ask === 'never') throw refused(query.problems, inputs, context)
    if (query.ask === 'run') return runShown(query, programs!, printer, created)
    const takesDefault = inputs.flags.yes === true && 'fallback' in query && query.fallback !== undefined
    return takesDefault ? query.fallback : ask(query)
  }
  try {
    const flow = decide(inputs, context)
    let step = flow.next()
    while (!step.done) step = flow.next(await reply(step.value))
    return { ...step.value!, created }
  } catch (error) {
    if (programs) await discard(created, programs, printer)
    throw error
  }
}

function refused(problems: readonly InputProblem[], { flags }: Inputs, { invocation }: AskContext) {
  return inputError(problems, typedAgain(flags, problems, invocation))
}

function replyWithout(query: Query, problems: InputProblem[]): unknown {
  switch (query.ask) {
    case 'say':
    case 'run':
      return undefined
    case 'again':
    case 'never':
      problems.push(...query.problems)
      return false
  }
  if (query.fallback === undefined) problems.push(missing(query))
  return query.fallback
}

function missing(query: Query<'choice' | 'confirm' | 'number' | 'url'>): InputProblem {
  if (query.ask === 'confirm' && query.refusal) return query.refusal
  const { id, supply, message, example } = query.question
  const sentence = `${supply} is missing: ${query.where ?? message}`
  if (query.ask !== 'url') return { code: `missing-${id}`, supply, message: sentence, fix: example }
  const sample = query.example === undefined ? '' : `\nsuch as ${query.example}`
  return badUrl(`missing-${id}`, supply, `${sentence}${sample}`)
}
