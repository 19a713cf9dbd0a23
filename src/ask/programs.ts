import { stripVTControlCharacters } from 'node:util'
import type { Locate } from '../base/on-path.ts'
import type { Run, RunOptions, RunResult } from '../base/ports.ts'
import { spell } from '../base/shell.ts'
import { cut, sanitiseLine } from '../base/text.ts'
import { maskText, maskUrls } from '../connection/mask.ts'
import type { Printer } from './printer.ts'
import { interruptedAt } from './problems.ts'
import type { Argv, Query, RunReply } from './query.ts'

/** What running another program's commands takes. */
export interface Programs {
  run: Run
  locate: Locate
  signal?: AbortSignal
  cwd: string
  env: RunOptions['env']
}

/** Something that a command has made, and the command that removes it; `null` when its output didn't say how. */
export interface Created {
  argv: Argv
  undo: Argv | null
}

/** Of one command, in milliseconds. */
const TIMEOUT = 60_000

/** So that no program opens a browser, asks a question or colours what is going to be read by a machine. */
const NOBODY_THERE = { CI: '1', NO_COLOR: '1', FORCE_COLOR: undefined }

/**
 * Shows a command, runs it, and adds what it has made to `created`.
 * @throws {ActionableError} with exit code 130 on Ctrl-C.
 */
export async function runShown(
  { argv, undo }: Query<'run'>,
  programs: Programs,
  printer: Printer,
  created: Created[],
): Promise<RunReply> {
  const result = await execute(argv, programs, printer, { signal: programs.signal })
  const aborted = programs.signal?.aborted === true
  const made = undo && { argv, undo: undo(result.stdout) }
  if (made && result.exitCode === 0) created.push(made)
  else if (made && (aborted || result.exitCode === -1)) {
    // It may have done its work all the same.
    printer.note(`It isn't known whether \`${spell(argv)}\` created anything before it was stopped.`)
    await discard([made], programs, printer)
  }
  if (aborted) throw interruptedAt(`while ${argv[0]} ran`)
  return { ...result, complaint: complaintOf(result, programs.env) }
}

/** Runs the undo of each, last first, and says what became of it. Never throws because of what a command did. */
export async function discard(created: readonly Created[], programs: Programs, printer: Printer): Promise<void> {
  for (const { argv, undo } of created.toReversed()) {
    if (!undo) {
      printer.warn(
        `\`${spell(argv)}\` did not print what to delete: if it created anything, that still exists. Look in the provider's console.`,
      )
      continue
    }
    printer.note('Undoing what was created:')
    const result = await execute(undo, programs, printer, { shielded: true })
    if (result.exitCode === 0) printer.note('It is undone.')
    else printer.warn(`It could not be undone. To do it by hand: \`${spell(undo)}\``)
  }
}

async function execute(
  argv: Argv,
  { run, locate, cwd, env }: Programs,
  printer: Printer,
  options: Partial<RunOptions>,
): Promise<RunResult> {
  const [program, ...args] = argv
  const file = locate(program) ?? program
  printer.command(spell(argv))
  return run([file, ...args], { ...options, cwd, timeout: TIMEOUT, env: { ...env, ...NOBODY_THERE } })
}

/** What stderr says last as an error, in one line and safe to print: without colours, control characters and secrets. */
function complaintOf({ stderr }: RunResult, env: RunOptions['env']): string {
  const lines = stripVTControlCharacters(stderr)
    .split(/[\r\n]+/)
    .map((line) => line.replace(/^[\s›!▸]+/, '').trim())
    .filter((line) => line !== '')
  const start = lines.findLastIndex((line) => /^error\b/i.test(line))
  const text = start === -1 ? (lines.at(-1) ?? '') : lines.slice(start).join(' ')
  return cut(sanitiseLine(maskText(maskUrls(text), tokensOf(env))), LONGEST)
}

const LONGEST = 160

/** What a program signs in with may turn up in what it complains about. */
function tokensOf(env: RunOptions['env']): string[] {
  return Object.entries(env).flatMap(([name, value]) =>
    value && value.length >= 8 && /TOKEN|KEY|SECRET|PASSWORD/i.test(name) ? [value] : [],
  )
}
