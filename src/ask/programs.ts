import { stripVTControlCharacters } from 'node:util'
import type { Locate } from '../base/on-path.ts'
import type { Run, RunOptions, RunResult } from '../base/ports.ts'
import type { Scratch } from '../base/scratch.ts'
import { spell } from '../base/shell.ts'
import { sanitiseLine } from '../base/text.ts'
import { maskText, maskUrls } from '../connection/mask.ts'
import type { Printer } from './printer.ts'
import { interruptedAt } from './problems.ts'
import type { Argv, Query, RunReply } from './query.ts'

/** What running another program's commands takes. */
export interface Programs {
  run: Run
  locate: Locate
  scratch: Scratch
  signal?: AbortSignal
  cwd: string
  env: RunOptions['env']
  /** Milliseconds for one command; a minute by default. */
  timeout?: number
}

/** Something that a command has made, and the command that takes it away; `null` when its output did not tell how. */
export interface Created {
  argv: Argv
  undo: Argv | null
}

const MINUTE = 60_000

/** So that no program opens a browser, asks a question or colours what is going to be read by a machine. */
const NOBODY_THERE = { CI: '1', NO_COLOR: '1', FORCE_COLOR: undefined }

/**
 * Shows a command and runs it. `noted` is told of what it has made.
 * @throws {ActionableError} with exit code 130 on Ctrl-C.
 */
export async function runShown(
  { argv, env, folder, undo }: Query<'run'>,
  programs: Programs,
  printer: Printer,
  noted: (created: Created) => void,
): Promise<RunReply> {
  const { scratch } = programs
  const path = folder && (await scratch.create())
  const whole: Argv = path === undefined ? argv : [...argv, folder!.option, path]
  try {
    const result = await execute(whole, programs, printer, { env, signal: programs.signal })
    const made = undo && result.exitCode === 0 ? { argv, undo: undo(result.stdout) } : null
    if (made) noted(made)
    if (undo && wasStopped(result)) await takeBackIfMade({ argv, undo: undo(result.stdout) }, programs, printer)
    if (result.aborted) throw interruptedAt(`while ${argv[0]} ran`)
    const file = path === undefined ? null : await scratch.read(path, folder!.file)
    return { ...result, file, complaint: complaintOf(result, programs.env) }
  } finally {
    if (path !== undefined) await scratch.remove(path)
  }
}

/** Runs the undo of each, last first, and says what became of it. Never throws because of what a command did. */
export async function takeBack(created: readonly Created[], programs: Programs, printer: Printer): Promise<void> {
  for (const { argv, undo } of created.toReversed()) {
    if (!undo) {
      printer.warn(
        `What \`${spell(argv)}\` has made is still there: it did not print what to delete. Look in the provider's console.`,
      )
      continue
    }
    printer.note('Taking back what was made:')
    const result = await execute(undo, programs, printer, { shielded: true })
    if (result.exitCode === 0) printer.note('It is taken back.')
    else printer.warn(`It could not be taken back. To do it by hand: \`${spell(undo)}\``)
  }
}

/** A command that was stopped may have done its work all the same. */
async function takeBackIfMade({ argv, undo }: Created, programs: Programs, printer: Printer): Promise<void> {
  const unknown = `Whether \`${spell(argv)}\` has made anything before it was stopped is not known.`
  if (!undo) return printer.warn(`${unknown} Look in the provider's console.`)
  printer.note(`${unknown} Taking it back:`)
  const { exitCode } = await execute(undo, programs, printer, { shielded: true })
  if (exitCode !== 0) printer.warn(`If it was made, take it back by hand: \`${spell(undo)}\``)
}

interface Executed extends RunResult {
  /** By Ctrl-C. */
  aborted: boolean
}

async function execute(
  argv: Argv,
  { run, locate, cwd, env, timeout = MINUTE }: Programs,
  printer: Printer,
  options: Partial<RunOptions>,
): Promise<Executed> {
  const [program, ...args] = argv
  const file = locate(program) ?? program
  printer.command(spell(argv))
  const result = await run([file, ...args], {
    ...options,
    cwd,
    timeout,
    env: { ...env, ...NOBODY_THERE, ...options.env },
  })
  return { ...result, aborted: options.signal?.aborted === true }
}

function wasStopped({ exitCode, aborted }: Executed): boolean {
  return aborted || exitCode === -1
}

/** What stderr says last as an error, in one line and safe to print: without colours, control characters and secrets. */
function complaintOf({ stderr }: RunResult, env: RunOptions['env']): string {
  const lines = stripVTControlCharacters(stderr)
    .split(/[\r\n]+/)
    .map((line) => line.replace(/^[\s›!▸]+/, '').trim())
    .filter((line) => line !== '')
  const start = lines.findLastIndex((line) => /^(aws: \[)?error\b/i.test(line))
  const text = start === -1 ? (lines.at(-1) ?? '') : lines.slice(start).join(' ')
  const masked = maskText(maskUrls(text), tokensOf(env))
  const safe = sanitiseLine(masked)
  return safe.length > LONGEST ? `${safe.slice(0, LONGEST - 1)}…` : safe
}

const LONGEST = 160

/** What a program signs in with may turn up in what it complains about. */
function tokensOf(env: RunOptions['env']): string[] {
  return Object.entries(env).flatMap(([name, value]) =>
    value && value.length >= 8 && /TOKEN|KEY|SECRET|PASSWORD/i.test(name) ? [value] : [],
  )
}
