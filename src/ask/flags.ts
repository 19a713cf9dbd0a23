import type { Runtime, Sizing } from '../providers/types.ts'
import type { POOLING } from './options.ts'
import type { InputProblem } from './problems.ts'
import { RUNTIMES } from './questions.ts'
import type { Flags } from './types.ts'

export type Read<T> = { value: T } | { problem: InputProblem }

type Flag = keyof typeof POOLING

/** The numbers with the least value of each. */
const NUMBERS = [
  ['instances', 'instances', 1],
  ['concurrency', 'concurrency', 1],
  ['connectionLimit', 'connection-limit', 1],
  ['poolTimeout', 'pool-timeout', 0],
] as const

const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

/** The runtime as the flag says it; `undefined` when the flag was not given. */
export function readRuntime(flags: Flags): Read<Runtime | undefined> {
  const text = flags.runtime
  if (text === undefined) return { value: undefined }
  const choice = RUNTIMES.find(({ value }) => value === text)
  if (choice) return { value: choice.value }
  return wrong('runtime', `is one of ${RUNTIMES.map(({ value }) => value).join(', ')}`, RUNTIMES[0]!.value)
}

export function readSizes(flags: Flags): { value: Omit<Sizing, 'runtime'>; problems: InputProblem[] } {
  const value: Omit<Sizing, 'runtime'> = {}
  const problems: InputProblem[] = []
  for (const [key, flag, min] of NUMBERS) {
    const number = flags[key]
    if (number === undefined) continue
    if (Number.isSafeInteger(number) && number >= min) value[key] = number
    else problems.push(wrong(flag, `is a whole number, ${min} or more`, String(Math.max(min, 1))).problem)
  }
  return { value, problems }
}

/**
 * The env file to write to, POSIX and relative to the app's root; `null` for 'none', `undefined` when not given.
 * Files that are committed by convention are refused: a secret would leave the machine with the next push.
 */
export function readEnvFile(flags: Flags): Read<string | null | undefined> {
  const text = flags.dotenv
  if (text === undefined) return { value: undefined }
  if (text === 'none') return { value: null }
  const path = typeof text === 'string' ? text.replaceAll('\\', '/').replace(/^(\.\/+)+/, '') : ''
  const segments = path.split('/')
  const name = segments.at(-1) ?? ''
  if (
    path.startsWith('/') ||
    /^[A-Za-z]:/.test(path) ||
    segments.includes('..') ||
    !name.startsWith('.env')
  ) {
    return wrong('dotenv', "is a path inside the app to a file named .env or .env.<something>, or 'none'")
  }
  if (/^\.env\.(defaults|example|sample|template)$/.test(name)) {
    return wrong('dotenv', 'cannot be a file that is meant to be committed: it would hold a secret')
  }
  return { value: path }
}

export function readDirectEnv(flags: Flags): Read<string | null> {
  const name = flags.directEnv
  if (name === undefined) return { value: null }
  if (typeof name !== 'string' || !VARIABLE_NAME.test(name)) {
    return wrong('direct-env', 'is the name of an environment variable: letters, digits and underscores')
  }
  if (name === 'DATABASE_URL' || name.startsWith('TEST_')) {
    return wrong('direct-env', `cannot be ${name}: that name has another meaning`)
  }
  return { value: name }
}

function wrong(flag: Flag, rule: string, example?: string): { problem: InputProblem } {
  return {
    problem: {
      code: `bad-${flag}`,
      supply: `--${flag}`,
      message: `--${flag} ${rule}.`,
      ...(example === undefined ? {} : { fix: `--${flag} ${example}` }),
    },
  }
}
