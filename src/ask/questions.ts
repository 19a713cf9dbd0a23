import type { Runtime } from '../providers/types.ts'

export interface Variable {
  name: `POOLING_${string}`
  describe: string
}

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
} as const satisfies Record<string, Variable>

export type QuestionId =
  | 'provider'
  | 'retirement'
  | 'usage'
  | 'current'
  | 'cli'
  | 'pooled'
  | 'direct'
  | 'meant'
  | 'test'
  | 'replicas'
  | 'runtime'
  | 'instances'

/** One thing to decide: how it is asked at a terminal and how it is answered without one. */
export interface Question {
  id: QuestionId
  /** As the terminal asks it. */
  message: string
  /** Said before asking, and again when the input is missing. */
  explain?: string
  /** The flag or variable that answers it without a terminal. */
  supply: string
  /** A word that answers it on the command line. */
  example?: string
}

export const QUESTIONS = {
  provider: {
    id: 'provider',
    message: 'Where does the database live?',
    supply: '<provider>',
  },
  retirement: {
    id: 'retirement',
    message: 'Set it up all the same?',
    supply: '--force',
  },
  usage: {
    id: 'usage',
    message: 'Which database is it?',
    explain:
      'A production URL in .env means that the development server and a reset of the migrations work on production.',
    supply: '--dotenv',
  },
  current: {
    id: 'current',
    message: 'Use the connection string that the app has now?',
    supply: VARIABLES.pooled.name,
  },
  cli: {
    id: 'cli',
    message: "Let the provider's own CLI look it up?",
    supply: VARIABLES.pooled.name,
  },
  pooled: {
    id: 'pooled',
    message: 'Paste the pooled connection string',
    supply: VARIABLES.pooled.name,
  },
  direct: {
    id: 'direct',
    message: 'Paste the direct connection string',
    supply: VARIABLES.direct.name,
  },
  meant: {
    id: 'meant',
    message: 'Use this one?',
    supply: VARIABLES.pooled.name,
  },
  test: {
    id: 'test',
    message: 'Paste the connection string of a test database',
    explain: 'Tests empty their database, so it has to be another one than the databases above.',
    supply: VARIABLES.test.name,
  },
  replicas: {
    id: 'replicas',
    message: 'Paste the connection string of a read replica',
    supply: VARIABLES.replicas.name,
  },
  runtime: {
    id: 'runtime',
    message: 'Where does the api side run?',
    supply: '--runtime',
  },
  instances: {
    id: 'instances',
    message: 'On how many servers or containers?',
    supply: '--instances',
  },
} as const satisfies Record<QuestionId, Question>

export interface Choice<T> {
  value: T
  title: string
  description: string
}

export const USAGES: readonly Choice<'development' | 'production'>[] = [
  {
    value: 'development',
    title: 'development or staging',
    description: 'its connection strings go to .env',
  },
  {
    value: 'production',
    title: 'production',
    description: 'its connection strings go to the host; .env keeps a development database',
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
