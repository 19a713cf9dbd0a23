import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'

export interface Printed {
  /** Text as it is, anything else as JSON. */
  stdout?: unknown
  stderr?: string
  /** 1 by default where there is something on stderr. */
  exitCode?: number
  /** Never ends, and does not listen to requests to. */
  hangs?: boolean
  /** A file inside the folder that is given behind `--workdir`. */
  file?: { path: string; text: string }
}

export interface Call {
  args: string[]
  env: Record<string, string | undefined>
}

export interface FakePath {
  /** To be the whole PATH. */
  folder: string
  /** Puts an executable there; commands are told apart by how their arguments begin, of which the last that fits counts. */
  add(program: string, commands: Record<string, Printed>): void
  /** Every call so far, oldest first. */
  calls(program: string): Call[]
  dispose(): void
}

/** A folder of executables that print what they were told to and write down how they were called. */
export function fakePath(): FakePath {
  const folder = mkdtempSync(join(tmpdir(), 'pooling-path-'))
  const log = (program: string) => join(folder, `${program}.calls`)
  return {
    folder,
    add(program, commands) {
      writeFileSync(join(folder, `${program}.json`), JSON.stringify(commands))
      writeFileSync(join(folder, program), script(join(folder, program)))
      chmodSync(join(folder, program), 0o755)
    },
    calls: (program) =>
      existsSync(log(program))
        ? readFileSync(log(program), 'utf8')
            .trim()
            .split('\n')
            .map((line) => JSON.parse(line))
        : [],
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  }
}

function script(path: string): string {
  return `#!${process.execPath}
const { appendFileSync, mkdirSync, readFileSync, writeFileSync } = require('node:fs')
const { dirname, join } = require('node:path')
const args = process.argv.slice(2)
appendFileSync(${JSON.stringify(`${path}.calls`)}, JSON.stringify({ args, env: process.env }) + '\\n')
const commands = JSON.parse(readFileSync(${JSON.stringify(`${path}.json`)}, 'utf8'))
const key = Object.keys(commands).findLast((start) => args.join(' ').startsWith(start))
const { stdout = '', stderr, exitCode, hangs, file } = commands[key] ?? { stderr: 'Error: unknown command', exitCode: 64 }
if (file) {
  const target = join(args[args.indexOf('--workdir') + 1], file.path)
  mkdirSync(dirname(target), { recursive: true })
  writeFileSync(target, file.text)
}
process.stdout.write(typeof stdout === 'string' ? stdout : JSON.stringify(stdout, null, 2))
if (stderr) process.stderr.write(stderr)
process.exitCode = exitCode ?? (stderr ? 1 : 0)
// A program that asks nobody would wait for an answer here, unless its input has ended.
process.stdin.resume()
if (hangs) {
  process.on('SIGTERM', () => process.exit(143))
  setInterval(() => {}, 1000)
}
`
}
