import { afterEach, expect, it } from 'vitest'
import { CEDAR_5, type Files, REDWOOD_8, type TestApp, testApp } from '../support/apps.ts'
import { cli } from '../support/cli.ts'
import { INPUTS } from '../support/inputs.ts'

let app: TestApp
afterEach(() => app.dispose())

const setUp = async (...more: string[]) => {
  const args = ['aws', '--yes', '--json', '--no-install', '--no-verify', ...more]
  const { json } = await cli(args, { cwd: app.root, env: INPUTS.aws })
  return json()
}

/** RDS takes a token of a quarter of an hour for the password. */
const TOKEN = `const withToken = (text: string) => {
  const url = new URL(text)
  url.password = signer.token(url.hostname)
  return url.toString()
}
`
const ENGINE = `import { PrismaClient } from '@prisma/client'

import { signer } from './signer'

${TOKEN}
export const db = new PrismaClient({ datasourceUrl: withToken(process.env.DATABASE_URL!) })
`
const ADAPTER = `import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from 'api/db/generated/prisma/client.mts'

import { signer } from './signer'

${TOKEN}
const adapter = new PrismaPg({ connectionString: withToken(process.env.DATABASE_URL!) })

export const db = new PrismaClient({ adapter })
`

it.each<[string, Files, string]>([
  ['the engine', REDWOOD_8, ENGINE],
  ['an adapter', CEDAR_5, ADAPTER],
])('a URL that gets its password from a function is kept out of test runs: %s', async (_what, files, code) => {
  app = testApp({ ...files, 'api/src/lib/db.ts': code })
  const { status, refusals } = await setUp()
  expect(status).toBe('refused')
  const [{ reason, snippet }] = refusals as [(typeof refusals)[number]]
  expect(reason).toMatch(/^line \d+: Can't follow `withToken`\. A test run .* must get that one as it is/)
  expect(snippet).toContain('(!isTestRun && withToken(process.env.DATABASE_URL!)) || process.env.DATABASE_URL')

  const line = /^(const adapter|export const db)/m.exec(code)!.index
  const pasted = `${code.slice(0, line)}${snippet}\n\n${code.slice(line)}`
  const used = pasted.replace(/(datasourceUrl|connectionString): withToken\(.*?\)/, '$1: databaseUrl')
  app.write('api/src/lib/db.ts', used)
  expect(await setUp()).toMatchObject({ status: 'applied', refusals: [] })
  const after = app.read().get('api/src/lib/db.ts')!.text
  expect(after).toContain(snippet)
  expect(after).toContain(': databaseUrl')
  expect(await setUp()).toMatchObject({ status: 'unchanged' })
})

it('the same without a constant of its own', async () => {
  const guard =
    "const isTestRun =\n  process.env.NODE_ENV === 'test' ||\n  process.env.DATABASE_URL === (process.env.TEST_DATABASE_URL || null) ||\n  process.env.DATABASE_URL?.startsWith('file:')\n\n"
  const inline = '(!isTestRun && withToken(process.env.DATABASE_URL!)) || process.env.DATABASE_URL'
  const code = ADAPTER.replace('const adapter', `${guard}const adapter`).replace(/withToken\(process.*?\)/, inline)
  app = testApp({ ...CEDAR_5, 'api/src/lib/db.ts': code })
  expect(await setUp()).toMatchObject({ status: 'applied', refusals: [] })
  expect(app.read().get('api/src/lib/db.ts')!.text).toContain(inline)
})
