import { describe, expect, it } from 'vitest'
import { editClient } from '../../codemods/db-client/index.ts'
import type { AdapterTarget } from '../../codemods/db-client/target.ts'
import { loadParser } from '../../codemods/module/parse.ts'
import { applyEdits, isRefusal } from '../../codemods/text/edit.ts'
import { TARGETS } from './db-client-targets.ts'
import { type Env, type FakeClient, fakeModules, runModule, toCommonJs } from './run-module.ts'

const parser = await loadParser()
const PATH = 'api/src/lib/db.ts'
const CLIENT = `import { PrismaClient } from '@prisma/client'\n\nexport const db = new PrismaClient()\n`

type Tls = AdapterTarget['tls']

/** What the driver is given. */
function configOf(tls: Tls, DATABASE_URL: string | undefined, env: Env = {}): Record<string, unknown> {
  const { adapter } = TARGETS.mariadb7
  const target = { ...TARGETS.mariadb7, adapter: adapter && { ...adapter, tls } }
  const result = editClient(CLIENT, PATH, target, parser)
  if (isRefusal(result)) {
    throw new Error(result.refusal.reason)
  }
  const code = toCommonJs(applyEdits(CLIENT, result.edits), PATH)
  const { db } = runModule(code, { env: { ...env, DATABASE_URL }, modules: fakeModules([]) })
  return ((db as FakeClient).options.adapter as { config: Record<string, unknown> }).config
}

const REMOTE = 'mysql://app:pw@db.example.com/shop'
const LOCAL = 'mysql://app:pw@127.0.0.1:3307/shop'

describe('what mariadb gets of the URL', () => {
  it('its parts, decoded', () => {
    const url = 'mysql://a%40b:p%40ss%2Fw%23%3F%25%27%22%5C@[::1]:3307/my%20shop?connection_limit=3'
    expect(configOf('none', url)).toMatchObject({
      host: '::1',
      port: 3307,
      user: 'a@b',
      password: `p@ss/w#?%'"\\`,
      database: 'my shop',
    })
    expect(configOf('none', REMOTE)).toMatchObject({ host: 'db.example.com', port: 3306 })
  })

  it('a Unix socket, where it has one', () => {
    const url = 'mysql://app:pw@localhost/shop?socket=/cloudsql/project:region:shop'
    expect(configOf('none', url).socketPath).toBe('/cloudsql/project:region:shop')
    expect(configOf('none', REMOTE).socketPath).toBeUndefined()
  })

  it('one time limit for waiting and for connecting, for which the driver itself has a second', () => {
    expect(configOf('none', REMOTE)).toMatchObject({ acquireTimeout: 10_000, connectTimeout: 10_000 })
    const longer = configOf('none', REMOTE, { DATABASE_POOL_TIMEOUT_MS: '20000' })
    expect(longer).toMatchObject({ acquireTimeout: 20_000, connectTimeout: 20_000 })
  })

  it('one connection to open ahead, without which the pool never opens any', () => {
    expect(configOf('none', REMOTE)).toMatchObject({ connectionLimit: 5, minimumIdle: 1 })
  })

  it('a host that does not exist, where the URL is of another kind', () => {
    for (const url of [undefined, '', 'file:/app/.redwood/test.db', 'postgresql://u:p@db.example.com/shop']) {
      expect(configOf('none', url).host).toBe('database-url-is-not-mysql.invalid')
    }
  })
})

describe('TLS', () => {
  const unverified = { rejectUnauthorized: false }
  const strict = { rejectUnauthorized: true }
  const says = (url: string, value: string) => `${url}?sslaccept=${value}`

  it.each<[Tls, string, unknown]>([
    ['none', REMOTE, false],
    ['none', says(REMOTE, 'accept_invalid_certs'), unverified],
    ['none', says(REMOTE, 'strict'), strict],
    ['unverified', REMOTE, unverified],
    ['unverified', LOCAL, false],
    ['unverified', says(LOCAL, 'accept_invalid_certs'), unverified],
    ['unverified', says(REMOTE, 'strict'), strict],
    ['verified', REMOTE, true],
    ['verified', LOCAL, false],
    ['verified', says(LOCAL, 'strict'), true],
    ['ca-file', REMOTE, unverified],
    ['ca-file', LOCAL, false],
    ['ca-file', says(LOCAL, 'accept_invalid_certs'), unverified],
    ['ca-file', says(LOCAL, 'strict'), strict],
  ])('%s, %s', (tls, url, expected) => {
    expect(configOf(tls, url).ssl).toEqual(expected)
  })

  it('with the authority, given as text', () => {
    const DATABASE_CA_CERT = '-----BEGIN CERTIFICATE-----'
    expect(configOf('ca-file', REMOTE, { DATABASE_CA_CERT }).ssl).toEqual({ ca: DATABASE_CA_CERT })
    expect(configOf('ca-file', says(LOCAL, 'strict'), { DATABASE_CA_CERT }).ssl).toEqual({
      ca: DATABASE_CA_CERT,
    })
  })
})
