import { rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadParser } from '../../codemods/module/parse.ts'
import { loadApp } from '../../src/app/load.ts'
import { testRuns } from '../../src/app/test-runs.ts'
import { drawnRuns } from '../support/drawn-runs.ts'
import type { App } from './support/app.ts'
import { cedarApp } from './support/cedar-app.ts'
import { redwoodApp } from './support/redwood-app.ts'

const HARNESS = path.join(import.meta.dirname, 'support/harness.cjs')
const NAMES = ['DATABASE_URL', 'DIRECT_URL', 'TEST_DATABASE_URL', 'TEST_DIRECT_URL']
const OWN = ['postgresql://u:p@db.example.com:5432/shop']
const SCHEMA = `datasource db {
  provider  = "postgresql"
  url       = env("DATABASE_URL")
  directUrl = env("DIRECT_URL")
}
`

const KINDS = [
  { name: 'Redwood 8.9', which: 'redwood', make: () => redwoodApp({ language: 'ts' }), schema: SCHEMA },
  { name: 'Cedar 5 with Jest', which: 'cedar-jest', make: () => cedarApp({ language: 'ts' }), schema: null },
  {
    name: 'Cedar 5 with Vitest',
    which: 'cedar-vitest',
    make: () => cedarApp({ language: 'ts', modules: 'esm' }),
    schema: null,
  },
]

describe.each(KINDS)('what the harness of $name makes of an environment', ({ which, make, schema }) => {
  let app: App
  beforeAll(async () => {
    app = await make()
    if (schema) await writeFile(path.join(app.root, 'api/db/schema.prisma'), schema)
    for (const file of ['.env', '.env.defaults']) await rm(path.join(app.root, file), { force: true })
  })
  afterAll(() => app?.dispose())

  it('is what the program says it is, no matter how the run is started', async () => {
    const parser = await loadParser()
    let compared = 0
    for (const { files, shell } of drawnRuns(12, OWN, NAMES)) {
      for (const [file, text] of Object.entries(files)) await writeFile(path.join(app.root, file), text)
      for (const { suffix, alone, env } of testRuns(loadApp(app.root, parser), shell)) {
        const ways = suffix === undefined ? [alone ? ['--alone'] : []] : [['--load-env-files', suffix]]
        const variants = [...ways.map((flags) => ({ flags, NODE_ENV: undefined as string | undefined }))]
        if (suffix !== undefined) variants.push({ flags: [], NODE_ENV: suffix })
        for (const { flags, NODE_ENV } of variants) {
          const { stdout } = await app.must('node', [HARNESS, app.root, which, ...flags], {
            env: { ...shell, NODE_ENV, RWJS_CWD: app.root, CEDAR_CWD: app.root },
          })
          const pushed = JSON.parse(stdout.split('\n').at(-1)!) as { command: string; env: Record<string, string> }
          expect(pushed.command).toMatch(/prisma db push --force-reset/)
          const what = JSON.stringify({ files, shell, flags, NODE_ENV })
          for (const name of NAMES) expect([name, env.get(name)?.value, what]).toEqual([name, pushed.env[name], what])
          compared += 1
        }
      }
      for (const file of Object.keys(files)) await rm(path.join(app.root, file))
    }
    expect(compared).toBeGreaterThan(30)
  })
})
