import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { targetOf } from '../../codemods/db-client/transform.ts'
import { TARGETS } from './db-client-targets.ts'

const FIXTURES = join(import.meta.dirname, 'fixtures')
const folder = mkdtempSync(join(tmpdir(), 'pooling-transform-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What jscodeshift itself leaves in a copy of a fixture. */
function transformed(codemod: string, input: string, extension: string, options: string[]): string {
  const file = join(folder, `${codemod}.${extension}`)
  cpSync(join(FIXTURES, codemod, input), file)
  const transform = `codemods/${codemod}/transform.ts`
  execFileSync(
    process.execPath,
    [
      'node_modules/jscodeshift/bin/jscodeshift.js',
      '--run-in-band',
      `--extensions=${extension}`,
      '-t',
      transform,
      ...options,
      file,
    ],
    { cwd: join(import.meta.dirname, '../..'), stdio: 'pipe' },
  )
  return readFileSync(file, 'utf8')
}

it("jscodeshift runs the client's codemod", { timeout: 60_000 }, () => {
  const options = [
    '--adapter=pg',
    '--tls=unverified',
    '--max=5',
    '--timeout=10000',
    '--idle=10000',
    '--lifetime=300',
  ]
  const text = transformed('db-client', 'cedar-sqlite/input.ts', 'ts', options)
  expect(text).toBe(readFileSync(join(FIXTURES, 'db-client/cedar-sqlite/pg7.ts'), 'utf8'))
})

it("jscodeshift runs the config's codemod", { timeout: 60_000 }, () => {
  const options = ['--directEnv=DIRECT_DATABASE_URL', '--testDirectEnv=TEST_DIRECT_URL']
  const text = transformed('prisma-config', 'cedar-cjs/input.cjs', 'cjs', options)
  expect(text).toBe(readFileSync(join(FIXTURES, 'prisma-config/cedar-cjs/direct.cjs'), 'utf8'))
})

it.each([
  ['engine5', {}],
  ['accelerate5', { accelerate: true }],
  ['accelerate5', { accelerate: 'true' }],
  ['replicas5', { readReplicas: 'DATABASE_REPLICA_URLS' }],
  ['singleton5', { singleton: true }],
  [
    'heroku5',
    { poolVariable: 'DATABASE_CONNECTION_POOL_URL', poolParams: 'pgbouncer=true&connection_limit=5' },
  ],
  ['pgVerified7', { adapter: 'pg', tls: 'verified', max: 5, timeout: '10000', idle: 10_000, lifetime: 300 }],
  ['pgPlain7', { adapter: 'pg' }],
  ['accelerateAlone7', { prisma: 7, accelerate: true }],
] as const)('the options of %s are %j', (name, options) => {
  expect(targetOf(options)).toEqual(TARGETS[name])
})

it('an adapter that it does not know is refused with those that it does', () => {
  expect(() => targetOf({ adapter: 'oracle' })).toThrow('--adapter is none of pg, neon, mariadb, planetscale')
})
