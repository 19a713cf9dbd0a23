import { execa } from 'execa'

/** Environment variables of a child; `undefined` removes the name. */
export type Env = Record<string, string | undefined>

export interface RunOptions {
  cwd?: string
  /** Laid over the base environment; `undefined` removes a name. */
  env?: Env
  /** Text for stdin; without it stdin is closed. */
  input?: string
  /** Milliseconds, default ten minutes. */
  timeout?: number
  /** Exit codes that are not thrown on. Default: every code is returned. */
  expect?: number
}

export interface RunResult {
  /** The exit code; 124 after a timeout, 128 when a signal ended it. */
  code: number
  stdout: string
  stderr: string
  /** stdout and stderr in the order they came. */
  all: string
  /** Milliseconds. */
  duration: number
}

/** Thrown by `run(..., { expect })`: the command, its code and the end of what it printed. */
export class CommandFailed extends Error {
  readonly result: RunResult
  constructor(command: string, cwd: string, result: RunResult) {
    const tail = result.all.split('\n').slice(-60).join('\n')
    super(`\`${command}\` in ${cwd} ended with ${result.code}:\n${tail}`)
    this.name = 'CommandFailed'
    this.result = result
  }
}

// What the test runner and `npm run` put into the environment would change what the children do:
// Jest and Vite read NODE_ENV, Yarn and npm read npm_config_user_agent, the app reads DATABASE_URL.
const leaks = [
  /^NODE_ENV$/,
  /^NODE_OPTIONS$/,
  /^NODE_PATH$/,
  /^(VITE|VITEST|JEST|TINYPOOL)/,
  /^(TEST|DEV|PROD|MODE|SSR|BASE_URL|CI|INIT_CWD|PWD|OLDPWD)$/,
  /^npm_(lifecycle|package|execpath|node_execpath|command)/,
  /^npm_config_(user_agent|local_prefix|global_prefix|prefix|noproxy|node_gyp|nodedir|init_module|npm_version)$/,
  /^(YARN|COREPACK|PRISMA|REDWOOD|RWJS|CEDAR|POOLING|PG)_?/,
  /DATABASE_URL|DIRECT_URL/,
]

/** This process's environment without what a test runner, npm or a developer's shell adds. */
export function cleanEnv(): Env {
  const kept = Object.entries(process.env).filter(([name]) => !leaks.some((leak) => leak.test(name)))
  const env: Env = Object.fromEntries(kept)
  env.PATH = (process.env.PATH ?? '')
    .split(':')
    .filter((dir) => !dir.endsWith('node_modules/.bin') && !dir.includes('node-gyp-bin'))
    .join(':')
  return env
}

/** Runs one command to its end. Only throws when it cannot start, or when `expect` is given and missed. */
export async function run(file: string, args: string[] = [], options: RunOptions = {}): Promise<RunResult> {
  const cwd = options.cwd ?? process.cwd()
  const child = await execa(file, args, {
    cwd,
    env: { ...cleanEnv(), ...options.env } as Record<string, string>,
    extendEnv: false,
    all: true,
    reject: false,
    stripFinalNewline: false,
    timeout: options.timeout ?? 600_000,
    forceKillAfterDelay: 5_000,
    maxBuffer: 64 * 1024 * 1024,
    ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
  })
  if (child.exitCode === undefined && !child.timedOut && child.signal === undefined)
    throw new Error(`Could not start \`${file}\`: ${child.shortMessage}`)
  const result: RunResult = {
    code: child.timedOut ? 124 : (child.exitCode ?? 128),
    stdout: child.stdout,
    stderr: child.stderr,
    all: child.all,
    duration: Math.round(child.durationMs),
  }
  if (options.expect !== undefined && result.code !== options.expect)
    throw new CommandFailed([file, ...args].join(' '), cwd, result)
  return result
}

/** `run` that must end with 0. */
export const must = (file: string, args: string[] = [], options: RunOptions = {}) =>
  run(file, args, { ...options, expect: 0 })
