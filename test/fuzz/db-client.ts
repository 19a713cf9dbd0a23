import fc from 'fast-check'
import { editClient, readAdapter } from '../../codemods/db-client/index.ts'
import type { ClientTarget } from '../../codemods/db-client/target.ts'
import { loadParser } from '../../codemods/module/parse.ts'
import { UNSAFE } from '../../codemods/module/refused.ts'
import { applyEdits, isRefusal } from '../../codemods/text/edit.ts'
import { TARGETS, type TargetName } from '../codemods/db-client-targets.ts'
import { type Env, type FakeClient, fakeModules, runModule, toCommonJs, urlsOf } from '../codemods/run-module.ts'
import {
  codeRubble,
  damagedCode,
  fail,
  fixtureInputs,
  foreign,
  foreignLines,
  laidOut,
  layout,
  remembering,
} from './code.ts'

const parser = remembering(await loadParser())

// ---- what a client's module looks like

const names = Object.keys(TARGETS) as TargetName[]
const engineTarget = fc.constantFrom(...names.filter((name) => TARGETS[name].style === 'engine'))
// An adapter that is set up by hand is refused, whatever the file.
const adapterTarget = fc.constantFrom(
  ...names.filter((name) => TARGETS[name].style === 'adapter' && TARGETS[name].adapter?.byHand === null),
)
const anyTarget = fc.constantFrom(...names)

const header = fc.constantFrom('', '// See the docs\n// for options.\n\n', '/** (c) us */\n')
const logging = 'handlePrismaLogging({\n  db: CLIENT,\n  logger,\n  logLevels: ["info"],\n});\n'
const options = fc.constantFrom('log: emitLogLevels(["info"]),', "errorFormat: 'pretty',")
const extension = fc.constantFrom('', '', '.$extends(storagePrismaExtension)')
const blank = fc.constantFrom('\n', '\n\n')

const SQLITE = `const adapter = new PrismaBetterSqlite3({
  url: process.env.DATABASE_URL,
});
`
const PG = 'const adapter = new PrismaPg({ connectionString: process.env.DATABASE_URL });\n'

/** A module that makes one client, in one of the ways that most apps do. */
function moduleText(major: 5 | 7): fc.Arbitrary<string> {
  return fc
    .record({
      header,
      adapter: major === 5 ? fc.constant(null) : fc.constantFrom('sqlite', 'pg'),
      options: fc.uniqueArray(options, { maxLength: 2 }),
      twoSteps: fc.boolean(),
      extension,
      late: fc.boolean(),
      keep: fc.uniqueArray(foreign, { maxLength: 4 }),
      blank,
      style: layout,
    })
    .map(({ header, adapter, options, twoSteps, extension, late, keep, blank, style }) => {
      const isTwo = twoSteps || extension !== ''
      const client = isTwo ? 'prismaClient' : 'db'
      const members = [...options, ...(adapter ? ['adapter,'] : [])].map((member) => `  ${member}\n`).join('')
      const construction = `new PrismaClient(${members ? `{\n${members}}` : ''})`
      const parts = [
        [
          ...(adapter === 'sqlite' ? ["import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3';"] : []),
          ...(adapter === 'pg' ? ["import { PrismaPg } from '@prisma/adapter-pg';"] : []),
          "import { PrismaClient } from '@prisma/client';",
          "import { emitLogLevels, handlePrismaLogging } from '@redwoodjs/api/logger';",
          ...(extension ? ["import { storagePrismaExtension } from './uploads';"] : []),
          "import { logger } from './logger';",
          '',
        ].join('\n'),
        ...(adapter ? [adapter === 'pg' ? PG : SQLITE] : []),
        isTwo ? `const prismaClient = ${construction};\n` : `export const db = ${construction};\n`,
        logging.replace('CLIENT', isTwo ? 'prismaClient' : 'db'),
        ...(isTwo
          ? [
              late
                ? `const db = ${client}${extension};\n\nexport { db };\n`
                : `export const db = ${client}${extension};\n`,
            ]
          : []),
      ]
      const woven = parts.flatMap((part, index) => (keep[index] ? [part, `${keep[index]}\n`] : [part]))
      return laidOut(header + woven.join(blank), style)
    })
}

const fixtures = fixtureInputs('db-client')
const fixture = fc.constantFrom(...fixtures)
const damaged = fixture.chain(({ text, path }) => damagedCode(text).map((changed) => ({ text: changed, path })))
const rubble = fc.record({ text: codeRubble, path: fc.constantFrom('db.ts', 'db.js') })

// ---- what has to hold

function edited(text: string, path: string, target: ClientTarget): string | null {
  const result = editClient(text, path, target, parser)
  if (!isRefusal(result)) return applyEdits(text, result.edits)
  const { reason, snippet } = result.refusal
  if (reason === UNSAFE) fail('a round failed')
  if (reason === '' || !snippet.includes('PrismaClient')) fail('the refusal does not help')
  return null
}

function parses(text: string, path: string): boolean {
  try {
    parser(text, path)
    return true
  } catch {
    return false
  }
}

function staysRight(text: string, path: string, target: ClientTarget): string | null {
  readAdapter(text, path, parser)
  const after = edited(text, path, target)
  if (after === null) return null
  if (after !== text && !parses(after, path)) fail('the result does not parse')
  const again = edited(after, path, target)
  if (again === null) fail('the second run refuses')
  if (again !== after) fail('the second run edits again')
  if (foreignLines(after).join('\n') !== foreignLines(text).join('\n')) fail('code that is not ours changed')
  return after
}

const HOST = 'production.example.com'
const url = (name: string, scheme = 'postgresql') => `${scheme}://u:p@${HOST}/${name}`
const TEST = 'postgresql://localhost/test'
const production: Env = {
  DATABASE_URL: url('pooled'),
  DIRECT_URL: url('direct'),
  DATABASE_CONNECTION_POOL_URL: url('pool'),
  DATABASE_URL_POOLED: url('pool'),
  DATABASE_REPLICA_URLS: `${url('a')},${url('b')}`,
}
/** The same for a client that speaks to another kind of server. */
function productionOf({ style, adapter }: ClientTarget): Env {
  if (style === 'adapter' && !adapter) return { ...production, DATABASE_URL: `prisma://${HOST}/?api_key=k` }
  const isMysql = /mariadb|planetscale/.test(adapter?.package ?? '')
  return isMysql ? { ...production, DATABASE_URL: url('pooled', 'mysql') } : production
}

/** What the frameworks' test commands leave in the environment, whatever else is in it. */
const testRuns: Env[] = [
  { ...production, DATABASE_URL: TEST, TEST_DATABASE_URL: TEST, NODE_ENV: 'test' },
  { ...production, DATABASE_URL: TEST, TEST_DATABASE_URL: TEST, NODE_ENV: 'production' },
  { ...production, DATABASE_URL: 'file:./test.db', NODE_ENV: 'development' },
]

function made(code: string, env: Env): { db: FakeClient; urls: string[] } {
  const clients: FakeClient[] = []
  const modules = fakeModules(clients)
  const known = modules('') as Record<string, unknown>
  const sqlite = { PrismaBetterSqlite3: known.PrismaPg }
  const { db } = runModule(code, { env, modules: () => ({ ...known, ...sqlite }) })
  if (!db) fail('there is no db')
  return { db: db as FakeClient, urls: urlsOf(db as FakeClient, env) }
}

/** Runs what was written: the oracle that knows nothing of how it was written. */
function runsRight(after: string, target: ClientTarget): void {
  const code = toCommonJs(after, 'db.ts')
  const { db, urls } = made(code, productionOf(target))
  if (!urls.every((each) => each.includes(HOST)) || urls.length === 0) fail('production is not reached')
  if (target.readReplicas && urls.length < 3) fail('the replicas are not used')
  if (target.accelerate !== db.extensions.some(({ name }) => name === 'accelerate')) fail('Accelerate is wrong')
  for (const env of testRuns) {
    if (made(code, env).urls.some((each) => each.includes(HOST))) fail('a test run reaches production')
  }
}

function usual(major: 5 | 7, targets: fc.Arbitrary<TargetName>) {
  return (runs: number) => {
    fc.assert(
      fc.property(moduleText(major), targets, (text, name) => {
        const after = staysRight(text, 'db.ts', TARGETS[name]) ?? fail('refused')
        runsRight(after, TARGETS[name])
      }),
      { numRuns: runs },
    )
  }
}

export const dbClientProperties: Record<string, (runs: number) => void> = {
  'a usual Prisma 5 client runs as intended afterwards, and twice is once': usual(5, engineTarget),
  'a usual Prisma 7 client runs as intended afterwards, and twice is once': usual(7, adapterTarget),
  'line endings make no difference': (runs) => {
    fc.assert(
      fc.property(fc.oneof(moduleText(5), moduleText(7)), anyTarget, (text, name) => {
        const unix = text.replaceAll('\r\n', '\n')
        const expected = edited(unix, 'db.ts', TARGETS[name])?.replaceAll('\n', '\r\n') ?? null
        if (edited(unix.replaceAll('\n', '\r\n'), 'db.ts', TARGETS[name]) !== expected)
          fail('CRLF is edited differently')
      }),
      { numRuns: runs },
    )
  },
  'a damaged shape is refused, or edited to code that parses, and twice is once': (runs) => {
    fc.assert(
      fc.property(fc.oneof(damaged, fixture), anyTarget, ({ text, path }, name) => {
        staysRight(text, path, TARGETS[name])
      }),
      { numRuns: runs },
    )
  },
  'rubble is refused or edited, never a defect': (runs) => {
    fc.assert(
      fc.property(rubble, anyTarget, ({ text, path }, name) => {
        staysRight(text, path, TARGETS[name])
      }),
      { numRuns: runs },
    )
  },
}
