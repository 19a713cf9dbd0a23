import type { Options } from 'yargs'

/** Options that every command has. */
export const COMMON = {
  cwd: { type: 'string', description: 'Folder of the app, or a folder inside it' },
  verbose: { type: 'boolean', default: false, description: 'Show stack traces and the output of every step' },
  json: {
    type: 'boolean',
    default: false,
    description: 'Print one JSON document and nothing else on stdout',
  },
  'dry-run': { type: 'boolean', default: false, description: 'Show what would change, change nothing' },
  yes: {
    alias: 'y',
    type: 'boolean',
    default: false,
    description: 'Take the defaults; never agrees to lose anything',
  },
  force: {
    alias: 'f',
    type: 'boolean',
    default: false,
    description: 'Go on where the command would stop to protect you',
  },
} as const satisfies Record<string, Options>

/** Options of `pooling`. Connection strings are never among them: argv ends up in histories, `ps` and telemetry. */
export const POOLING = {
  ...COMMON,
  runtime: {
    choices: ['serverless', 'server'] as const,
    description: 'Where the API runs; detected from the deploy files where possible',
  },
  instances: { type: 'number', description: 'Functions or servers running at the same time' },
  concurrency: { type: 'number', description: 'Requests that one of them works on at a time' },
  'connection-limit': {
    type: 'number',
    description: 'Connections of one client, instead of the computed number',
  },
  'pool-timeout': { type: 'number', description: 'Seconds to wait for a free connection; 0 waits for ever' },
  'read-replicas': { type: 'boolean', description: 'Add read replicas; --no-read-replicas takes them out' },
  local: {
    type: 'boolean',
    default: false,
    description: 'prisma-postgres: start a local server with prisma dev',
  },
  temporary: {
    type: 'boolean',
    default: false,
    description: 'prisma-postgres: a free database for 24 hours',
  },
  'direct-env': { type: 'string', description: 'Name of the variable for the direct connection' },
  dotenv: { type: 'string', description: 'Env file to write (default .env), or none' },
  'allow-partial': {
    type: 'boolean',
    default: false,
    description: 'Apply the rest when a file has to be edited by hand',
  },
  'reset-migrations': {
    type: 'boolean',
    default: false,
    description: 'Move migrations of another kind of database aside',
  },
  install: { type: 'boolean', default: true, description: 'Install packages and generate the client' },
  verify: { type: 'boolean', default: true, description: 'Check the result afterwards' },
} as const satisfies Record<string, Options>

export const UNDO = COMMON

export const REGISTER = {
  ...COMMON,
  remove: { type: 'boolean', default: false, description: 'Take the command out of the app again' },
} as const satisfies Record<string, Options>

export const DOCTOR = {
  ...COMMON,
  fix: {
    type: 'boolean',
    default: false,
    description: 'Mend what can be mended mechanically, after showing it',
  },
  verify: { type: 'boolean', default: true, description: 'Connect to the databases too' },
} as const satisfies Record<string, Options>
