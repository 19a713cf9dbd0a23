import type { InferredOptionTypes, Options } from 'yargs'

import { isCommittedEnvFile, isEnvFile, isTakenName } from '../../codemods/env/files.ts'
import type { InputProblem } from './problems.ts'

/** One option: what yargs takes, and what `--help`, README and the report of wrong inputs say of its value. */
interface Option extends Options {
  /** What stands for the value in README. */
  value?: string
  /** As the terminal asks for it, where it does. */
  ask?: string
  /** Completes "--name …" where the value is wrong; `null` where it isn't. */
  wrong?: (value: unknown) => string | null
  /** A right value, to copy from the report. */
  example?: string
}

const off = { type: 'boolean' } as const
const on = { type: 'boolean', default: true } as const

const atLeast = (least: number, value: string) =>
  ({
    type: 'number',
    value,
    wrong: (given: unknown) =>
      Number.isSafeInteger(given) && Number(given) >= least ? null : `is a whole number, ${least} or more`,
    example: String(Math.max(least, 1)),
  }) as const

/** Where `--help` lists it. */
const [SIZES, FILES, SAFETY] = [{ group: 'Sizes:' }, { group: 'Files:' }, { group: 'Safety:' }] as const
const START = { group: 'No database yet:' } as const

/** Commands besides the main one, which needs no name. */
export const SUB_COMMANDS = ['doctor', 'undo', 'register', 'local'] as const

/** Options that every command has. */
export const COMMON = {
  'dry-run': { ...off, description: 'Show what would change, change nothing' },
  json: { ...off, description: 'Print one JSON document and nothing else on stdout' },
  yes: { ...SAFETY, ...off, alias: 'y', description: 'Take the defaults; never agrees to lose anything' },
  force: { ...SAFETY, ...off, alias: 'f', description: 'Go on where the command would stop to protect you' },
  cwd: { type: 'string', value: 'FOLDER', description: 'Folder of the app, or a folder inside it' },
  verbose: { ...off, description: 'Show stack traces and the output of every step' },
} as const satisfies Record<string, Option>

/** Options of `pooling`. Connection strings are never among them: argv ends up in histories, `ps` and telemetry. */
export const POOLING = {
  ...COMMON,
  dotenv: {
    ...FILES,
    type: 'string',
    value: 'PATH|none',
    description: 'Env file to write, or none: the host has the values',
    wrong: wrongEnvFile,
  },
  runtime: {
    ...SIZES,
    choices: ['serverless', 'server'] as const,
    value: 'serverless|server',
    ask: 'Where does the api side run?',
    description: 'Where the API runs, serverless or server, if not as the deploy files say',
  },
  instances: {
    ...SIZES,
    ...atLeast(1, 'N'),
    ask: 'On how many servers or containers?',
    description: 'Functions or servers running at the same time',
  },
  concurrency: { ...SIZES, ...atLeast(1, 'N'), description: 'Requests that one of them works on at a time' },
  'connection-limit': {
    ...SIZES,
    ...atLeast(1, 'N'),
    description: 'Connections of one client, if not as computed',
  },
  'pool-timeout': {
    ...SIZES,
    ...atLeast(0, 'S'),
    description: 'Seconds to wait for a free connection; 0 waits forever',
  },
  'read-replicas': { ...FILES, type: 'boolean', description: 'Add read replicas; --no-read-replicas removes them' },
  local: {
    ...START,
    ...off,
    description: 'Start a PostgreSQL for development; a provider beside it is for production',
  },
  temporary: { ...START, ...off, description: 'prisma-postgres: a free database for 24 hours' },
  'direct-env': {
    ...FILES,
    type: 'string',
    value: 'NAME',
    description: 'Name of the variable for the direct connection',
    wrong: wrongDirectEnv,
  },
  'reset-migrations': { ...SAFETY, ...off, description: 'Move migrations of another kind of database aside' },
  'allow-partial': { ...SAFETY, ...off, description: 'Apply the rest when a file must be edited by hand' },
  install: { ...SAFETY, ...on, description: 'Install and generate; --no-install skips it' },
  verify: { ...SAFETY, ...on, description: 'Check and connect afterwards; --no-verify skips it' },
} as const satisfies Record<string, Option>

/** Options of every command that have no value, under each of their names. */
export const FLAGS = Object.entries<Option>(POOLING).flatMap(([name, { type, alias = [] }]) =>
  type === 'boolean' ? [name, ...[alias].flat()] : [],
)

export const REGISTER = {
  ...COMMON,
  remove: { ...off, description: 'Take the command out of the app again' },
} as const satisfies Record<string, Option>

export const DOCTOR = {
  ...COMMON,
  explain: {
    type: 'string',
    value: 'CODE',
    description: 'Say what a code means; without one, what the error on stdin means',
  },
  instances: {
    ...POOLING.instances,
    description: 'Say whether this many functions or servers get connections',
  },
  concurrency: POOLING.concurrency,
  fix: { ...off, description: 'Fix what can be fixed mechanically, after showing it' },
  verify: { ...on, description: 'Connect to the databases too; --no-verify skips it' },
} as const satisfies Record<string, Option>

export const DEFAULT_ENV_FILE = '.env'

type Camel<Text> = Text extends `${infer First}-${infer Rest}` ? `${First}${Capitalize<Camel<Rest>>}` : Text

type Parsed<T extends Record<string, Options>> = {
  [Name in keyof T as Camel<Name> & string]?: InferredOptionTypes<T>[Name] | undefined
}

/** Values of the command line as yargs leaves them, under their names in camelCase. */
export type Flags = Parsed<typeof POOLING> & { provider?: string | undefined }
/** Those of any command. */
export type AnyFlags = Flags & Parsed<typeof REGISTER> & Parsed<typeof DOCTOR> & { action?: string; server?: string }

type Name = keyof typeof POOLING
/** Those that a question of the same name asks for. */
export type Asked = { [N in Name]: (typeof POOLING)[N] extends { ask: string } ? N : never }[Name]

/** Everything that is wrong with the values. */
export function wrongFlags(flags: Flags): InputProblem[] {
  return entries(flags).flatMap(([name, { wrong, example }, value]) => {
    const rule = value === undefined ? null : wrong?.(value)
    if (!rule) return []
    const supply = `--${name}`
    return [{ code: `bad-${name}`, supply, message: `${supply} ${rule}.`, fix: example && `${supply} ${example}` }]
  })
}

export function entries(flags: Flags): [Name, Option, unknown][] {
  return (Object.entries(POOLING) as [Name, Option][]).map(([name, option]) => [
    name,
    option,
    flags[name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase()) as keyof Flags],
  ])
}

/** The path of an env file, POSIX and relative to the app's root. */
export function envFilePath(text: string): string {
  return text.replaceAll('\\', '/').replace(/^(\.\/+)+/, '')
}

/** Files that are committed by convention are refused: a secret would leave the machine with the next push. */
function wrongEnvFile(text: unknown): string | null {
  if (text === 'none') return null
  const path = envFilePath(String(text))
  const segments = path.split('/')
  const name = segments.at(-1) ?? ''
  const isInside = !path.startsWith('/') && !/^[A-Za-z]:/.test(path) && !segments.includes('..')
  if (!isInside || !isEnvFile(name)) {
    return "is a path inside the app to a file named .env or .env.<something>, or 'none'"
  }
  return isCommittedEnvFile(name) ? 'cannot be a file that is meant to be committed: it would hold a secret' : null
}

function wrongDirectEnv(given: unknown): string | null {
  const name = String(given)
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    return 'is the name of an environment variable: letters, digits and underscores'
  }
  return isTakenName(name) ? `cannot be ${name}: that name has another meaning` : null
}
