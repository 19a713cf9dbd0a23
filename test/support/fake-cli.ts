import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Printed {
  /** Text as it is, anything else as JSON. */
  stdout?: unknown
  stderr?: string
  /** 1 by default where there is something on stderr. */
  exitCode?: number
  /** Never ends, and does not listen to requests to. */
  hangs?: boolean
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
      writeFileSync(join(folder, program), script(join(folder, program), commands))
      chmodSync(join(folder, program), 0o755)
    },
    calls: (program) =>
      existsSync(log(program)) ? readFileSync(log(program), 'utf8').split('\u0001\u0001').slice(1).map(readCall) : [],
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** In the shell: a program of Node's takes ten times as long to start, and there are hundreds of calls. */
function script(path: string, commands: Record<string, Printed>): string {
  const cases = Object.entries(commands).map(([start, printed]) => `${quote(start)}*)\n${answer(printed)}\n;;`)
  return `#!/bin/sh
{ printf '\\001\\001'; printf '%s\\0' "$@"; printf '\\001'; /usr/bin/env -0; } >> ${quote(`${path}.calls`)}
case "$*" in
${cases.reverse().join('\n')}
*)
${answer({ stderr: 'Error: unknown command', exitCode: 64 })}
;;
esac
# A program that asks nobody would wait for an answer here, unless its input has ended.
while read -r _; do :; done
exit $code
`
}

function answer({ stdout = '', stderr, exitCode, hangs }: Printed): string {
  const printed = typeof stdout === 'string' ? stdout : JSON.stringify(stdout, null, 2)
  return [
    `printf '%s' ${quote(printed)}`,
    stderr && `printf '%s' ${quote(stderr)} >&2`,
    `code=${exitCode ?? (stderr ? 1 : 0)}`,
    hangs && "trap 'exit 143' TERM",
    hangs && 'while :; do /bin/sleep 1 >/dev/null 2>&1 & wait $!; done',
  ]
    .filter(Boolean)
    .join('\n')
}

function readCall(written: string): Call {
  const [args, env] = written.split('\u0001').map((part) => part.split('\0').slice(0, -1))
  return {
    args: args!,
    env: Object.fromEntries(env!.map((entry) => entry.split(/=([\s\S]*)/, 2) as [string, string])),
  }
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`
}
