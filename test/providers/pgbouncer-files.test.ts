import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { renderTemplate } from '../../src/base/template.ts'
import { providerOf, recognise } from '../../src/providers/index.ts'
import { isSecretFile } from '../../src/providers/pgbouncer-files.ts'
import { isSecretOf } from '../../src/providers/scram.ts'
import type { SetupInput, Target } from '../../src/providers/types.ts'
import { readUrl } from '../connection/read-url.ts'

const POOLED = 'postgresql://app:s%26cret@pool.example.com:6432/shop'
const DIRECT = 'postgresql://app:s%26cret@db.example.com:5433/shop_production?sslmode=require'

function setUp(more: Partial<SetupInput> = {}): Target {
  return providerOf('pgbouncer').setup({
    prismaMajor: 5,
    style: 'engine',
    recognise,
    pooled: readUrl(POOLED),
    direct: readUrl(DIRECT),
    sizing: { runtime: 'server' },
    ...more,
  })
}

const fileOf = (target: Target, name: string) => target.files.find((file) => file.path === `pgbouncer/${name}`)!
const ini = (more: Partial<SetupInput> = {}) => fileOf(setUp(more), 'pgbouncer.ini').text
const settings = (more: Partial<SetupInput> = {}) =>
  Object.fromEntries(
    ini(more)
      .split('\n')
      .filter((line) => /^[^;[]+ = /.test(line))
      .map((line) => line.split(/ = (.*)/s).slice(0, 2)),
  )

describe('pgbouncer.ini', () => {
  it('leads to the server of the direct URL, under the name of the pooled one', () => {
    expect(settings()).toMatchObject({
      shop: "host='db.example.com' port='5433' dbname='shop_production'",
      listen_addr: '*',
      listen_port: '6432',
      auth_type: 'scram-sha-256',
      pool_mode: 'transaction',
      server_tls_sslmode: 'require',
    })
  })

  it('says that a server of another compose file is in another network', () => {
    const next = (direct: string) => setUp({ direct: readUrl(direct) }).next.join()
    expect(next('postgresql://app:x@db:5432/shop')).toContain('If db is a service of another compose file')
    for (const direct of [DIRECT, 'postgresql://app:x@localhost:5432/shop'])
      expect(next(direct)).not.toContain('compose file')
  })

  it('listens to this machine only when the app is on it', () => {
    const pooled = readUrl('postgresql://app:s%26cret@localhost:6500/shop')
    expect(settings({ pooled })).toMatchObject({ listen_addr: '127.0.0.1', listen_port: '6500' })
  })

  it.each([
    [undefined, '72'],
    [20, '12'],
    [500, '372'],
    [4, '1'],
    [1, '1'],
  ])('takes three quarters of max_connections %s: %s', (maxConnections, size) => {
    const known = maxConnections === undefined ? {} : { maxConnections }
    expect(settings(known)).toMatchObject({ default_pool_size: size, max_db_connections: size })
  })

  it('has room for all clients', () => {
    expect(settings().max_client_conn).toBe('1000')
    expect(settings({ sizing: { runtime: 'serverless' } }).max_client_conn).toBe('5000')
    expect(settings({ sizing: { runtime: 'serverless', instances: 500, connectionLimit: 5 } }).max_client_conn).toBe(
      '3200',
    )
  })

  it.each([
    [undefined, undefined],
    ['1.18.0', undefined],
    ['1.20.1', undefined],
    ['1.21.0', '200'],
    ['1.24.1', '200'],
    ['2.0', '200'],
  ])('of version %s keeps %s statements', (pgbouncerVersion, statements) => {
    const known = pgbouncerVersion === undefined ? {} : { pgbouncerVersion }
    expect(settings(known).max_prepared_statements).toBe(statements)
    expect(ini(known).includes('prepared statements of different clients')).toBe(statements !== undefined)
  })

  it.each([
    ['', 'prefer', undefined],
    ['?sslmode=disable', 'disable', undefined],
    ['?sslmode=no-verify', 'require', undefined],
    ['?sslmode=verify-full', 'verify-full', '/etc/ssl/certs/ca-certificates.crt'],
    ['?sslmode=verify-full&sslrootcert=system', 'verify-full', '/etc/ssl/certs/ca-certificates.crt'],
    ['?sslmode=verify-ca&sslrootcert=/ca.pem', 'verify-ca', '/ca.pem'],
    ['?sslaccept=strict', 'verify-full', '/etc/ssl/certs/ca-certificates.crt'],
  ])('with %s in the direct URL asks the server for %s', (query, mode, ca) => {
    const direct = readUrl(`postgresql://app:s%26cret@db.example.com/shop${query}`)
    const { server_tls_sslmode, server_tls_ca_file } = settings({ direct })
    expect([server_tls_sslmode, server_tls_ca_file]).toEqual([mode, ca])
  })

  it('writes what PgBouncer can read of odd names', () => {
    const direct = readUrl('postgresql://o%27hara:s%26cret@db.example.com/my%20%22shop%22')
    const pooled = readUrl('postgresql://web:x%22y@pool.example.com:6432/my%20%22shop%22')
    expect(settings({ pooled, direct })['*']).toBe(
      `host='db.example.com' port='5432' dbname='my "shop"' user='o''hara'`,
    )
    expect(fileOf(setUp({ pooled, direct }), 'userlist.txt').text).toBe('"o\'hara" "s&cret"\n"web" "x""y"\n')
  })
})

it('keeps the password and its secret in files that only their owner can read and git ignores', () => {
  const target = setUp()
  const secret = target.files.filter(({ mode }) => mode === 0o600)
  expect(secret.map(({ path }) => path)).toEqual(['pgbouncer/userlist.txt', 'pgbouncer/scram.sql'])
  expect(fileOf(target, 'scram.sql')).toMatchObject({ mode: 0o600 })
  expect(fileOf(target, 'userlist.txt')).toMatchObject({
    mode: 0o600,
    text: '"app" "s&cret"\n',
  })
  for (const { path, text } of target.files) if (!isSecretFile(path)) expect(text).not.toMatch(/s&cret|s%26cret/)
})

describe('the SCRAM secret', () => {
  const userlist = (more: Partial<SetupInput> = {}) => fileOf(setUp(more), 'userlist.txt').text
  const offer = (more: Partial<SetupInput> = {}) => fileOf(setUp(more), 'scram.sql')?.text
  const entry = `${/"app" "SCRAM-[^"]+"/.exec(offer()!)![0]}\n`

  it('is the one that RFC 7677 has as its example', () => {
    const [salt, stored, server] = [
      'W22ZaJ0SNY7soEsUEjb6gQ==',
      'WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=',
      'wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
    ]
    const secret = `SCRAM-SHA-256$4096:${salt}$${stored}:${server}`
    expect(isSecretOf(secret, 'pencil')).toBe(true)
    expect(isSecretOf(secret, 'pencils')).toBe(false)
  })

  it('is offered once, the same in every run', () => {
    expect(offer()).toContain('ALTER ROLE "app" PASSWORD \'SCRAM-SHA-256$4096:')
    expect(offer()).toBe(offer())
    expect(setUp().next.join()).toContain('pgbouncer/scram.sql')
    expect(offer({ userlist: entry })).toBeUndefined()
  })

  it('stays in the list of users as long as it is one of the password', () => {
    expect(userlist({ userlist: entry })).toBe(entry)
    const pooled = readUrl(POOLED.replace('s%26cret', 'another'))
    const direct = readUrl(DIRECT.replace('s%26cret', 'another'))
    expect(userlist({ userlist: entry, pooled, direct })).toBe('"app" "another"\n')
  })

  it.each([
    ['another user at the server', ['web:s%26cret', 'app:s%26cret']],
    ['a password that SASLprep might change', ['app:caf%C3%A9', 'app:caf%C3%A9']],
    ['no password', ['app', 'app']],
  ] as const)('is not offered for %s', (_, [pooled, direct]) => {
    const as = (url: string, login: string) => readUrl(url.replace('app:s%26cret', login))
    expect(offer({ pooled: as(POOLED, pooled), direct: as(DIRECT, direct) })).toBeUndefined()
  })
})

describe('compose.yaml', () => {
  const service = (more: Partial<SetupInput> = {}) => parse(fileOf(setUp(more), 'compose.yaml').text).services.pgbouncer

  it('may open a file for every client and server, and ends without cutting a transaction', () => {
    const sizing = { runtime: 'serverless' } as const
    expect(service({ sizing })).toMatchObject({ ulimits: { nofile: 5272 }, stop_signal: 'SIGINT' })
  })

  it('is reachable from where the app is', () => {
    expect(service().ports).toEqual(['6432:6432'])
    expect(service({ pooled: readUrl('postgresql://app:x@localhost:6432/shop') }).ports).toEqual([
      '127.0.0.1:6432:6432',
    ])
  })

  it('finds a server on this machine from inside the container', () => {
    expect(service().command.at(-1)).not.toContain('sed')
    for (const [url, host] of [
      ['postgresql://app:x@localhost:5432/shop', 'localhost'],
      ['postgresql://app:x@/shop', '127.0.0.1'],
    ] as const) {
      const direct = readUrl(url)
      expect(settings({ direct }).shop).toContain(`host='${host}'`)
      expect(service({ direct }).command.at(-1)).toContain(`s/ host='${host}'/ host='host.docker.internal'/`)
    }
  })
})

describe('a template', () => {
  it('loses the lines of what is not there, and the comments on them', () => {
    const text = 'a = {{a}}\n\n; About b. {{b?}}\nb = {{b}}\n\nc\n'
    expect(renderTemplate(text, { a: '1', b: '2' })).toBe('a = 1\n\n; About b.\nb = 2\n\nc\n')
    expect(renderTemplate(text, { a: '1', b: null })).toBe('a = 1\n\nc\n')
  })

  it('is never rendered with a value forgotten', () => {
    expect(() => renderTemplate('{{a}}', {})).toThrow('{{a}}')
  })

  it('takes a value as it is', () => {
    expect(renderTemplate('x = {{a}}', { a: "$& {{b}} $'" })).toBe("x = $& {{b}} $'")
  })
})
