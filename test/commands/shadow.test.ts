import { describe, expect, it } from 'vitest'
import { readEnv } from '../../codemods/env/dotenv-lex.ts'
import { loadParser } from '../../codemods/module/parse.ts'
import { readPrismaConfig } from '../../codemods/prisma-config/read.ts'
import { readDatasource } from '../../codemods/schema/schema.ts'
import { describeApp } from '../../src/app/app.ts'
import type { Snapshot } from '../../src/app/snapshot.ts'
import { answersFromInputs } from '../../src/ask/answers.ts'
import type { Flags } from '../../src/ask/options.ts'
import type { Answers } from '../../src/ask/types.ts'
import { makePlan } from '../../src/plan/plan.ts'
import type { Plan } from '../../src/plan/types.ts'
import { providerOf } from '../../src/providers/index.ts'
import { readUrl } from '../connection/read-url.ts'
import { CEDAR_2, CEDAR_5, type Files, REDWOOD_7_POSTGRES, REDWOOD_8 } from '../support/apps.ts'
import { INPUTS } from '../support/inputs.ts'

const parser = await loadParser()

const LOCAL = 'postgres://postgres:postgres@localhost:51214/template1?sslmode=disable'
const SHADOW = LOCAL.replace('51214', '51215')
const TEST = LOCAL.replace('51214', '51218')

async function plan(files: Files, answers: Answers, shadow: string | null): Promise<Plan> {
  const texts = new Map(Object.entries(files))
  const disk: Snapshot = { root: '/app', files: texts, modes: new Map(), above: new Map(), rootEntries: new Set() }
  const nothing = new Set<string>()
  const app = describeApp(disk, { core: null, prisma: null }, parser)
  return makePlan({
    app,
    today: app,
    unfinished: nothing,
    git: { inRepository: true, tracked: nothing, ignored: nothing },
    provider: providerOf(answers.provider),
    answers,
    provisioned: { comments: [], reasons: [], next: [], shadow: shadow === null ? null : readUrl(shadow) },
    invocation: 'rw-pooling',
    server: {},
    parser,
  })
}

function answers(flags: Flags, env: Record<string, string> = {}): Answers {
  const context = { kind: null, prismaMajor: 5, today: new Date('2026-11-23'), invocation: 'rw-pooling' }
  return answersFromInputs({ flags: { yes: true, ...flags }, env }, context)
}

/** What `--local` plans with once its servers are up. */
const goLocal = (files: Files, shadow = SHADOW) => {
  const urls = { pooled: readUrl(LOCAL), direct: readUrl(LOCAL), test: readUrl(TEST) }
  return plan(files, { ...answers({ provider: 'prisma-postgres', local: true }), ...urls }, shadow)
}
const goSupabase = (files: Files, flags: Flags = {}) =>
  plan(files, answers({ provider: 'supabase', ...flags }, INPUTS.supabase), null)

function applied(files: Files, { files: changes, refusals }: Plan): Files {
  expect(refusals).toEqual([])
  const after = { ...files }
  for (const change of changes) {
    if (change.after === null) delete after[change.path]
    else after[change.path] = change.after
  }
  return after
}

/** Where the app looks for its shadow database, and what the variable says. */
function shadowOf(files: Files) {
  const config = readPrismaConfig(files['api/prisma.config.cjs'] ?? '', 'prisma.config.cjs', parser)
  return {
    schema: readDatasource(files['api/db/schema.prisma']!)!.shadowDatabaseUrl,
    config: config?.hasShadowUrl ? config.shadowUrlEnv : null,
    value: readEnv(files['.env']!).findLast(({ name }) => name === 'SHADOW_DATABASE_URL')?.value ?? null,
  }
}

const NONE = { schema: null, config: null, value: null }
const IN_SCHEMA = { schema: { env: 'SHADOW_DATABASE_URL', literal: null }, config: null, value: SHADOW }
const IN_CONFIG = { schema: null, config: 'SHADOW_DATABASE_URL', value: SHADOW }

const APPS = [
  { name: 'Redwood 8', files: REDWOOD_8, expected: IN_SCHEMA },
  { name: 'Redwood 7, with history', files: REDWOOD_7_POSTGRES, expected: IN_SCHEMA },
  { name: 'Cedar 2', files: CEDAR_2, expected: IN_SCHEMA },
  { name: 'Cedar 5', files: CEDAR_5, expected: IN_CONFIG },
]

describe.each(APPS)('the shadow database of $name', ({ files, expected }) => {
  it('comes with --local, once', async () => {
    const local = applied(files, await goLocal(files))
    expect(shadowOf(local)).toEqual(expected)
    expect((await goLocal(local)).files).toEqual([])
  })

  it('moves with its server to another port', async () => {
    const local = applied(files, await goLocal(files))
    const moved = applied(local, await goLocal(local, SHADOW.replace('51215', '61003')))
    expect(shadowOf(moved).value).toContain(':61003/')
    expect({ ...moved, '.env': '' }).toEqual({ ...local, '.env': '' })
  })

  it('goes with the next provider, where no journal tells whose it is, and leaves nothing behind', async () => {
    const local = applied(files, await goLocal(files))
    const away = applied(local, await goSupabase(local))
    expect(shadowOf(away)).toEqual(NONE)
    expect(away['.env']).not.toMatch(/SHADOW|migrate dev/)
    expect(away['.env.example']).not.toMatch(/SHADOW/)
    const code = (path: string) => away[path]?.replace(/\s+/g, ' ')
    const straight = applied(files, await goSupabase(files))
    for (const path of ['api/db/schema.prisma', 'api/prisma.config.cjs'])
      expect(code(path)).toBe(straight[path]?.replace(/\s+/g, ' '))
  })

  it('stays in an app whose env file keeps its local database', async () => {
    const local = applied(files, await goLocal(files))
    const hosted = applied(local, await goSupabase(local, { dotenv: 'none' }))
    expect(shadowOf(hosted)).toEqual(expected)
  })

  it('is not asked for by other providers', async () => {
    expect(shadowOf(applied(files, await goSupabase(files)))).toEqual(NONE)
  })
})

describe("the user's own shadow database", () => {
  const inSchema = (value: string): Files => ({
    ...REDWOOD_8,
    'api/db/schema.prisma': REDWOOD_8['api/db/schema.prisma']!.replace(
      '("DATABASE_URL")\n',
      `("DATABASE_URL")\n  shadowDatabaseUrl = ${value}\n`,
    ),
  })
  const inConfig = (value: string): Files => ({
    ...CEDAR_5,
    'api/prisma.config.cjs': CEDAR_5['api/prisma.config.cjs']!.replace(
      "url: env('DATABASE_URL'),",
      `url: env('DATABASE_URL'),\n    shadowDatabaseUrl: ${value},`,
    ),
  })
  const OWN = 'SHADOW_DATABASE_URL="postgresql://me:pw@localhost:5432/shadow"\n'
  const withEnv = (files: Files): Files => ({ ...files, '.env': files['.env']! + OWN })

  it.each([
    ['another variable', inSchema('env("MIGRATE_SHADOW")')],
    ['a text', inSchema('"postgresql://me:pw@localhost:5432/shadow"')],
    ['our variable with another value', withEnv(inSchema('env("SHADOW_DATABASE_URL")'))],
    ['another variable in the config', inConfig('process.env.MIGRATE_SHADOW')],
    ['code in the config', inConfig('shadowOf(process.env)')],
    ['our variable with another value in the config', withEnv(inConfig('process.env.SHADOW_DATABASE_URL'))],
    ['a value that nothing reads yet', withEnv(REDWOOD_8)],
  ])('stays as it is: %s', async (_, files) => {
    const local = applied(files, await goLocal(files))
    expect(shadowOf(local)).toEqual(shadowOf(files))
    expect(shadowOf(applied(local, await goSupabase(local)))).toEqual(shadowOf(files))
  })
})
