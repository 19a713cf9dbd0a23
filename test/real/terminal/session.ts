import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { stripVTControlCharacters } from 'node:util'
import { locateOn } from '../../../src/base/on-path.ts'
import { screenOf } from '../../support/screen.ts'

export interface Step {
  /** Waited for in what is printed after the previous step's keys. */
  expect: string | RegExp
  /** Pressed then, such as '\r', KEYS.down or a pasted text; or what else happens, told the program's process id. */
  keys: string | ((program: Program) => unknown)
}

export interface Program {
  pid: number
  /** The window is gone, and with it the terminal. */
  closeWindow(): void
}

/** Milliseconds after which a session goes nowhere, on a busy machine either. */
const HUNG = 300_000

export interface PtyOptions {
  columns?: number
  env?: Record<string, string | undefined>
  cwd?: string
}

export interface PtyResult {
  exitCode: number
  /** Everything that was printed, control sequences included. */
  output: string
  /** What a person sees at the end. */
  screen: string
}

export const KEYS = { enter: '\r', up: '\u001b[A', down: '\u001b[B', escape: '\u001b', ctrlC: '\u0003' }

/**
 * A PATH with what sessions need and nothing else: which of the providers' programs a machine has must make no difference.
 */
export const TOOLS = toolsOnly(['script', 'stty', 'sh', 'git', 'echo'])

function toolsOnly(programs: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'pooling-tools-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  const locate = locateOn(process.env)
  for (const program of programs) {
    const file = locate(program)
    if (file === null) throw new Error(`${program} is not on the PATH`)
    symlinkSync(file, join(folder, program))
  }
  return folder
}

/**
 * Runs a command in a real pseudo-terminal (util-linux `script`), presses keys upon expected text, and returns what was
 * on the screen.
 * @throws when an expected text does not come, with the screen so far.
 */
export async function ptySession(
  command: readonly string[],
  steps: readonly Step[],
  { columns = 80, env = {}, cwd }: PtyOptions = {},
): Promise<PtyResult> {
  const line = `stty cols ${columns} rows 50; exec ${command.map(quote).join(' ')}`
  const child = spawn('script', ['--quiet', '--return', '--flush', '--command', line, '/dev/null'], {
    cwd,
    env: { PATH: TOOLS, HOME: process.env.HOME, TERM: 'xterm-256color', SHELL: '/bin/sh', ...env },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  let output = ''
  let wake = () => {}
  let exitCode: number | null = null
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk
    wake()
  })
  child.on('close', (code) => {
    exitCode = code ?? -1
    wake()
  })
  const deadline = setTimeout(() => child.kill(), HUNG)
  const change = () => new Promise<void>((resolve) => (wake = resolve))
  try {
    let seen = 0
    for (const { expect, keys } of steps) {
      while (!contains(output.slice(seen), expect)) {
        if (exitCode !== null) throw new Error(`never saw ${expect} on this screen:\n${screenOf(output, columns)}`)
        await change()
      }
      seen = output.length
      const pressed = typeof keys === 'string' ? keys : keys(programIn(child))
      if (typeof pressed === 'string') child.stdin.write(pressed)
    }
    while (exitCode === null) await change()
    return { exitCode, output, screen: screenOf(output, columns) }
  } finally {
    clearTimeout(deadline)
    child.kill()
  }
}

/** The only child of `script`. */
function programIn(script: ChildProcess): Program {
  const [pid] = readFileSync(`/proc/${script.pid}/task/${script.pid}/children`, 'utf8').split(' ')
  return { pid: Number(pid), closeWindow: () => script.kill('SIGKILL') }
}

function contains(output: string, expected: string | RegExp): boolean {
  const text = stripVTControlCharacters(output)
  return typeof expected === 'string' ? text.includes(expected) : expected.test(text)
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`
}
