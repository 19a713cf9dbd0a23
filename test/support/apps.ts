import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, posix } from 'node:path'

/** A whole project as an object: POSIX path → text. */
export type Files = Record<string, string>

export interface TestApp {
  root: string
  /** Every file with its text and mode, to compare whole apps. The journal is not part of the app. */
  read(): Map<string, { text: string; mode: number }>
  text(path: string): string
  write(path: string, text: string): void
  remove(path: string): void
  dispose(): void
}

export function testApp(files: Files): TestApp {
  const root = mkdtempSync(join(tmpdir(), 'rw-pooling-'))
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  for (const [path, text] of Object.entries(files)) write(path, text)
  if (existsSync(join(root, '.env'))) chmodSync(join(root, '.env'), 0o600)
  return {
    root,
    read: () => new Map(walk(root, '')),
    text: (path) => readFileSync(join(root, path), 'utf8'),
    write,
    remove: (path) => rmSync(join(root, path), { recursive: true, force: true }),
    dispose: () => rmSync(root, { recursive: true, force: true }),
  }
}

const JOURNALS = new Set(['.redwood/pooling', '.cedar/pooling', '.git'])

function walk(root: string, folder: string): [string, { text: string; mode: number }][] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name)
    if (JOURNALS.has(path)) return []
    if (entry.isDirectory()) return walk(root, path)
    const mode = statSync(join(root, path)).mode & 0o777
    return [[path, { text: readFileSync(join(root, path), 'utf8'), mode }]]
  })
}

const ROOT_PACKAGE = (core: string, version: string) =>
  `${JSON.stringify({ private: true, workspaces: { packages: ['api', 'web'] }, devDependencies: { [core]: version }, packageManager: 'yarn@4.6.0' }, null, 2)}\n`

const ENV_DEFAULTS = `# Committed defaults, overridden by .env

# schema.prisma defaults
DATABASE_URL=file:./dev.db

# location of the test database for api service scenarios (defaults to ./.redwood/test.db if not set)
# TEST_DATABASE_URL=file:./.redwood/test.db

PRISMA_HIDE_UPDATE_MESSAGE=true
`

const ENV = `# Never commit this file
#
# DATABASE_URL=postgres://user:pass@postgreshost.com:5432/database_name
# TEST_DATABASE_URL=postgres://user:pass@postgreshost.com:5432/test_database_name
#
# WEBHOOK_SECRET=THIS_IS_NOT_SECRET_PLEASE_CHANGE
`

const ENV_EXAMPLE = `# DATABASE_URL=file:./dev.db
# TEST_DATABASE_URL=file:./.redwood/test.db
# LOG_LEVEL=trace
`

const MODEL = `
model UserExample {
  id    Int     @id @default(autoincrement())
  email String  @unique
  name  String?
}
`

/** What `create-redwood-app@8.9.0` leaves behind, as far as this program looks at it. */
export const REDWOOD_8: Files = {
  'redwood.toml':
    '[web]\n  title = "Redwood App"\n  port = 8910\n  includeEnvironmentVariables = [\n    # names\n  ]\n[api]\n  port = 8911\n',
  'package.json': ROOT_PACKAGE('@redwoodjs/core', '8.9.0'),
  'yarn.lock': '"prisma@npm:5.20.0":\n  version: 5.20.0\n',
  '.yarnrc.yml': '# comments stay\nnodeLinker: node-modules\n',
  '.gitignore': '.env*\n!.env.example\n!.env.defaults\n.redwood/*\nnode_modules\n',
  '.env': ENV,
  '.env.defaults': ENV_DEFAULTS,
  '.env.example': ENV_EXAMPLE,
  'web/package.json': '{ "name": "web" }\n',
  'api/package.json': `{
  "name": "api",
  "version": "0.0.0",
  "private": true,
  "dependencies": {
    "@redwoodjs/api": "8.9.0",
    "@redwoodjs/graphql-server": "8.9.0"
  }
}
`,
  'api/db/schema.prisma': `// a comment that stays

datasource db {
  provider = "sqlite"
  url      = env("DATABASE_URL")
}

generator client {
  provider      = "prisma-client-js"
  binaryTargets = "native"
}
${MODEL}`,
  'api/src/lib/db.ts': `// See https://www.prisma.io/docs/reference/tools-and-interfaces/prisma-client/constructor
// for options.

import { PrismaClient } from '@prisma/client'

import { emitLogLevels, handlePrismaLogging } from '@redwoodjs/api/logger'

import { logger } from './logger'

const prismaClient = new PrismaClient({
  log: emitLogLevels(['info', 'warn', 'error']),
})

handlePrismaLogging({
  db: prismaClient,
  logger,
  logLevels: ['info', 'warn', 'error'],
})

/**
 * Global Prisma client extensions should be added here, as $extend
 * returns a new instance.
 */
export const db = prismaClient
`,
}

/** The same in JavaScript: the template's db.js is byte-identical to its db.ts. */
export const REDWOOD_8_JS: Files = renamed(REDWOOD_8, 'api/src/lib/db.ts', 'api/src/lib/db.js')

/** The commonest shape in the wild: one exported client, already on Postgres, history and all. */
export const REDWOOD_7_POSTGRES: Files = {
  ...REDWOOD_8,
  'package.json': ROOT_PACKAGE('@redwoodjs/core', '7.7.4'),
  '.env': 'DATABASE_URL=postgresql://postgres:old@localhost:5432/dev\nSESSION_SECRET=keep\n',
  '.env.defaults': 'PRISMA_HIDE_UPDATE_MESSAGE=true\n',
  'api/db/migrations/migration_lock.toml': '# Please do not edit this file manually\nprovider = "postgresql"\n',
  'api/db/migrations/20240101000000_init/migration.sql': 'CREATE TABLE "A" ("id" SERIAL PRIMARY KEY);\n',
  'api/db/schema.prisma': `datasource DS {
  provider = "postgresql"
  url = env("DATABASE_URL")
}
generator client {
  provider      = "prisma-client-js"
}
${MODEL}`,
  'api/src/lib/db.ts': `import { PrismaClient } from "@prisma/client";
import { emitLogLevels, handlePrismaLogging } from "@redwoodjs/api/logger";
import { logger } from "./logger";

export const db = new PrismaClient({
    log: emitLogLevels(["info", "warn", "error"]),
});

handlePrismaLogging({ db, logger, logLevels: ["info", "warn", "error"] });
`,
}

/** Prisma 7: no URL in the schema, a driver adapter in db.ts, a config file beside `api/`. */
export const CEDAR_5: Files = {
  ...REDWOOD_8,
  'package.json': ROOT_PACKAGE('@cedarjs/core', '5.0.3'),
  'yarn.lock': '"prisma@npm:7.8.0":\n  version: 7.8.0\n',
  '.gitignore': '.env*\n!.env.example\n!.env.defaults\n.cedar/*\nnode_modules\n',
  'api/package.json': `{
  "name": "api",
  "version": "0.0.0",
  "private": true,
  "dependencies": {
    "@cedarjs/api": "5.0.3",
    "@cedarjs/graphql-server": "5.0.3",
    "@prisma/adapter-better-sqlite3": "7.8.0",
    "better-sqlite3": "12.4.1"
  }
}
`,
  'api/prisma.config.cjs': `const { defineConfig, env } = require('prisma/config')

module.exports = defineConfig({
  schema: 'db/schema.prisma',
  migrations: {
    path: 'db/migrations',
    seed: 'yarn cedar exec seed',
  },
  datasource: {
    url: env('DATABASE_URL'),
  },
})
`,
  'api/db/schema.prisma': `datasource db {
  provider = "sqlite"
}

generator client {
  provider               = "prisma-client"
  output                 = "./generated/prisma"
  moduleFormat           = "cjs"
  generatedFileExtension = "mts"
  importFileExtension    = "mts"
}
${MODEL}`,
  'api/src/lib/db.ts': `// See https://www.prisma.io/docs/reference/tools-and-interfaces/prisma-client/constructor
// for options.

import path from 'node:path'

import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3'
import { PrismaClient } from 'api/db/generated/prisma/client.mts'

import { emitLogLevels, handlePrismaLogging } from '@cedarjs/api/logger'

import { logger } from './logger.js'

export * from 'api/db/generated/prisma/client.mts'

const resolveSqliteUrl = (url = 'file:./dev.db') => {
  if (!url.startsWith('file:.')) {
    return url
  }
  return 'file:' + path.resolve(__dirname, '..', '..', url.slice('file:'.length))
}

const adapter = new PrismaBetterSqlite3({
  url: resolveSqliteUrl(process.env.DATABASE_URL),
})

const prismaClient = new PrismaClient({
  log: emitLogLevels(['info', 'warn', 'error']),
  adapter,
})

handlePrismaLogging({
  db: prismaClient,
  logger,
  logLevels: ['info', 'warn', 'error'],
})

export const db = prismaClient
`,
}
delete (CEDAR_5 as Record<string, string | undefined>)['redwood.toml']
CEDAR_5['cedar.toml'] = REDWOOD_8['redwood.toml']!

/** Cedar 2 brings Prisma 6: Redwood's file shapes, with a config file that holds no datasource. */
export const CEDAR_2: Files = {
  ...REDWOOD_8,
  'package.json': ROOT_PACKAGE('@cedarjs/core', '2.8.0'),
  'yarn.lock': '"prisma@npm:6.19.3":\n  version: 6.19.3\n',
  'api/prisma.config.cjs': `const { defineConfig } = require('prisma/config')

module.exports = defineConfig({
  schema: 'db/schema.prisma',
  migrations: { path: 'db/migrations', seed: 'yarn cedar exec seed' },
})
`,
  'api/src/lib/db.ts': REDWOOD_8['api/src/lib/db.ts']!.replace('@redwoodjs', '@cedarjs'),
}

export const FIXTURE_APPS = { REDWOOD_8, REDWOOD_8_JS, REDWOOD_7_POSTGRES, CEDAR_5, CEDAR_2 }

function renamed(files: Files, from: string, to: string): Files {
  const { [from]: text, ...rest } = files
  return { ...rest, [to]: text! }
}
