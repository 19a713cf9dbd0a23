import { expect, it } from 'vitest'
import { editClient } from '../../codemods/db-client/index.ts'
import { loadParser } from '../../codemods/module/parse.ts'
import { applyEdits, isRefusal } from '../../codemods/text/edit.ts'
import { TARGETS, type TargetName } from './db-client-targets.ts'

const parser = await loadParser()

/** Damaged modules that the battery once found a wrong edit of, each with the target that it was for. */
const FOUND: Record<string, [text: string, path: string, target: TargetName]> = {
  'an adapter that the client is not given': [
    `import { PrismaPg } from "@prisma/adapter-pg";
import { PrismaClient } from "../../db/generated/prisma/client.js";

const adapter = new PrismaPg({ connectionString: process.env.DATABASE_URL });

export const db = new PrismaClient({
	log: [
		"warn",
	],
});
`,
    'db.ts',
    'accelerate7',
  ],
  'an export inside a function': [
    `import { PrismaClient } from '@prisma/client'

function createClient(options) {
export const db = createClient({ log: ['warn'] })
  return new PrismaClient(options)
}
`,
    'db.js',
    'marketplace5',
  ],
  'a client inside a helper of the old adapter': [
    `import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3'
import { PrismaClient } from 'api/db/generated/prisma/client.mts'

const resolveSqliteUrl = (url = 'file:./db/dev.db') => {
  if (!url.startsWith('file:.')) {
    return url
}

const adapter = new PrismaBetterSqlite3({
  url: resolveSqliteUrl(process.env.DATABASE_URL),
})
const prismaClient = new PrismaClient({ log: ['warn'], adapter })
  }

export const db = prismaClient
`,
    'db.ts',
    'accelerateReplicas5',
  ],
  'a client in a variable that nobody declares': [
    `import { PrismaPg } from '@prisma/adapter-pg'
import { readReplicas } from '@prisma/extension-read-replicas'
import { PrismaClient } from 'i/db/generated/prisma/client.mts'

const adapter = new PrismaPg({ connectionString: process.env.DATABASE_URL })
const replica = new PrismaClient({
  adapter: new PrismaPg({ connectionString: process.env.REPLICA_URL }),
})
 prismaClient = new PrismaClient({ adapter })

export const db = prismaClient.$extends(readReplicas({ replicas: [replica] }))
`,
    'db.ts',
    'engine5',
  ],
  'an adapter that is made from the PGlite server': [
    `import { PGlite } from '@electric-sql/pglite'
import { PGLiteSocketServer } from '@electric-sql/pglite-socket'
import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from 'api/db/generated/prisma/client.mts'

const pglite = await PGlite.create('data')
const server = new PGLiteSocketServer({ db: pglite, port: 5433 })
await server.start()

const adapter = new PrismaPg({
  db: pglite,
  connectionString: process.env.DATABASE_URL,
})
const prismaClient = new PrismaClient({ log: ['warn'], adapter })

export const db = prismaClient
`,
    'db.ts',
    'marketplace7',
  ],
}

it.each(Object.entries(FOUND))('%s is refused, or keeps its client, and twice is once', (_, found) => {
  const [text, path, target] = found
  const edit = (source: string) => editClient(source, path, TARGETS[target], parser)
  const first = edit(text)
  if (isRefusal(first)) return expect(first.refusal.reason).toMatch(/PGlite|one literal/)
  const after = applyEdits(text, first.edits)
  expect(after).toContain('new PrismaClient(')
  const second = edit(after)
  expect(second).toMatchObject({ edits: [] })
})
