import type { Runtime } from '../providers/types.ts'
import type { POOLING } from './options.ts'

/** Environment variables that carry connection strings: arguments end up in telemetry, shell histories and `ps`. */
export const VARIABLES = {
  pooled: { name: 'POOLING_DATABASE_URL', describe: 'connection string of the pooler, for the functions' },
  direct: { name: 'POOLING_DIRECT_URL', describe: 'connection string past the pooler, for migrations' },
  test: {
    name: 'POOLING_TEST_DATABASE_URL',
    describe: 'connection string of a database that tests may wipe',
  },
  replicas: {
    name: 'POOLING_REPLICA_URLS',
    describe: 'connection strings of read replicas, comma separated',
  },
} as const

/** What answers a question without a terminal. */
type Supply = '<provider>' | `--${keyof typeof POOLING}` | (typeof VARIABLES)[keyof typeof VARIABLES]['name']

/** One thing to decide: how it is asked at a terminal and how it is answered without one. */
export interface Question {
  id: string
  /** As the terminal asks it. */
  message: string
  supply: Supply
  /** Said before asking. */
  explain?: string | undefined
  /** A word that answers it on the command line. */
  example?: string
}

export const QUESTIONS = {
  provider: question('provider', 'Where does the database live?', '<provider>'),
  retirement: question('retirement', 'Set it up anyway?', '--force'),
  usage: question('usage', 'Which database is it?', '--dotenv'),
  development: question('development', 'Start a local database for development?', '--local'),
  current: question('current', 'Use the connection string that the app has now?', VARIABLES.pooled.name),
  cli: question('cli', "Let the provider's own CLI look it up?", VARIABLES.pooled.name),
  pooled: question('pooled', 'Paste the pooled connection string', VARIABLES.pooled.name),
  direct: question('direct', 'Paste the direct connection string', VARIABLES.direct.name),
  meant: question('meant', 'Use this one?', VARIABLES.pooled.name),
  tests: question('tests', 'Which test database?', VARIABLES.test.name),
  test: question('test', 'Paste the connection string of a test database', VARIABLES.test.name),
  replicas: question('replicas', 'Paste the connection string of a read replica', VARIABLES.replicas.name),
}

function question(id: string, message: string, supply: Supply): Question {
  return { id, message, supply }
}

export interface Choice<T> {
  value: T
  title: string
  description: string
}

/** What this program can start. */
export const STARTED: readonly Choice<'local' | 'temporary'>[] = [
  {
    value: 'local',
    title: 'No database yet? Start one here',
    description: 'PostgreSQL on this machine, for development and tests',
  },
  {
    value: 'temporary',
    title: 'No database yet? Try one for 24 hours',
    description: 'at Prisma Postgres, without an account; yours to keep if you claim it',
  },
]

export const TEST_PLACES: readonly Choice<'none' | 'local' | 'given'>[] = [
  { value: 'none', title: 'none for now', description: 'tests have to wait' },
  { value: 'local', title: 'start one here', description: 'PostgreSQL on this machine, for tests alone' },
  { value: 'given', title: 'one of your own', description: 'you paste its connection string' },
]

export const USAGES: readonly Choice<'development' | 'production'>[] = [
  { value: 'development', title: 'development or staging', description: 'its connection strings go to .env' },
  {
    value: 'production',
    title: 'production',
    description: 'they go to the host, so that nothing you run here works on it',
  },
]

export const RUNTIMES: readonly Choice<Runtime>[] = [
  { value: 'serverless', title: 'serverless', description: 'functions: Vercel, Netlify, AWS Lambda, …' },
  {
    value: 'server',
    title: 'server',
    description: 'a process that stays up: Render, Fly, Heroku, Docker, …',
  },
]
