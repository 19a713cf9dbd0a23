// biome-ignore-all lint/suspicious/noTemplateCurlyInString: such texts are what is read here
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ConnectionString, parseConnectionString, readExample } from '../../src/connection/connection-string.ts'
import { runs } from '../support/sampling.ts'
import { readUrl } from './read-url.ts'

describe('what a connection string consists of', () => {
  it.each<[text: string, parts: Partial<ConnectionString>]>([
    [
      'postgresql://app:secret@db.example.com:5433/shop?sslmode=require',
      {
        scheme: 'postgresql',
        user: 'app',
        password: 'secret',
        hosts: [{ name: 'db.example.com', port: 5433 }],
        database: 'shop',
      },
    ],
    [
      'POSTGRES://app@DB.Example.COM',
      {
        scheme: 'postgres',
        user: 'app',
        password: null,
        hosts: [{ name: 'db.example.com', port: null }],
        database: null,
      },
    ],
    ['postgresql://app:p%40ss%23w%2Frd@h/db', { password: 'p@ss#w/rd' }],
    ['postgresql://app:a:b@h/db', { user: 'app', password: 'a:b' }],
    ['postgresql://app:@h/db', { user: 'app', password: '' }],
    ['postgresql://app%40server:x@h/my%20db', { user: 'app@server', database: 'my db' }],
    ['postgresql://app:x@h/db%E9', { database: 'db%E9' }],
    [
      'postgresql://h1:1,h2:2/db',
      {
        hosts: [
          { name: 'h1', port: 1 },
          { name: 'h2', port: 2 },
        ],
      },
    ],
    ['postgresql://u:p@[2001:db8::1]:6432/db', { hosts: [{ name: '2001:db8::1', port: 6432 }] }],
    [
      'postgresql://u:p@[::1],[fe80::2]:5/db',
      {
        hosts: [
          { name: '::1', port: null },
          { name: 'fe80::2', port: 5 },
        ],
      },
    ],
    ['postgresql:///db?host=/var/run/postgresql', { hosts: [{ name: '', port: null }], database: 'db' }],
    ['postgresql://%2Fvar%2Frun%2Fpostgresql/db', { hosts: [{ name: '/var/run/postgresql', port: null }] }],
    ['postgresql://u:p@h:/db', { hosts: [{ name: 'h', port: null }] }],
    ['mysql://u:p@h/db', { scheme: 'mysql', database: 'db' }],
    ['mongodb+srv://u:p@cluster0.abcde.mongodb.net/db?retryWrites=true', { scheme: 'mongodb+srv' }],
    ['file:./dev.db?connection_limit=1', { scheme: 'file', hosts: [], database: './dev.db' }],
    // Its key may hold whatever a password may.
    ['prisma://accelerate.prisma-data.net/?api_key=ab:c@def/x', { scheme: 'prisma', user: null }],
    ['prisma://accelerate.prisma-data.net/?api_key=eyJhbGciOi.J9', { scheme: 'prisma', database: null }],
  ])('%s', (text, parts) => {
    expect(readUrl(text)).toMatchObject({ text, ...parts })
  })

  it('decodes the values of parameters', () => {
    const url = readUrl('postgresql://u:p@h/db?a=1&options=-c+search_path%3Dx&&flag')
    expect(url.params.map(({ name, value }) => [name, value])).toEqual([
      ['a', '1'],
      ['options', '-c search_path=x'],
      ['flag', ''],
    ])
  })
})

describe('what is pasted along is left out', () => {
  const url = 'postgresql://app:secret@h/db?a=b'
  it.each([
    `  ${url}\n`,
    `\uFEFF${url}\u200B`,
    `"${url}"`,
    `'${url}';`,
    `<${url}>`,
    `“${url}”`,
    `DATABASE_URL=${url}`,
    `export DATABASE_URL="${url}"`,
    `$env:DATABASE_URL = '${url}'`,
    `"DATABASE_URL": "${url}",`,
    `url: ${url}`,
    `psql '${url}'`,
    `$ psql ${url}`,
  ])('%s', (text) => {
    const parsed = parseConnectionString(text)
    expect('url' in parsed && parsed.url.text).toBe(url)
  })
})

describe('a character with a meaning of its own in the password', () => {
  it.each([
    ['postgresql://app:p#ss@db.example.com:5432/shop', 'postgresql://app:p%23ss@db.example.com:5432/shop'],
    ['postgresql://app:p@ss@db.example.com:5432/shop', 'postgresql://app:p%40ss@db.example.com:5432/shop'],
    ['postgresql://app:p/ss@db.example.com:5432/shop', 'postgresql://app:p%2Fss@db.example.com:5432/shop'],
    ['postgresql://app:p?ss@db.example.com:5432/shop', 'postgresql://app:p%3Fss@db.example.com:5432/shop'],
    ['postgresql://app:p ss@db.example.com:5432/shop', 'postgresql://app:p%20ss@db.example.com:5432/shop'],
    ['postgresql://app:50%off@db.example.com:5432/shop', 'postgresql://app:50%25off@db.example.com:5432/shop'],
    ['postgresql://app:p@ss#w/rd@db.example.com/shop?a=b', 'postgresql://app:p%40ss%23w%2Frd@db.example.com/shop?a=b'],
    ['postgresql://app:12/34@db.example.com/shop', 'postgresql://app:12%2F34@db.example.com/shop'],
    ['postgresql://app:12?x=34@db.example.com:5432/shop', 'postgresql://app:12%3Fx%3D34@db.example.com:5432/shop'],
    ['postgresql://app:#@#@[::1]:5432/shop', 'postgresql://app:%23%40%23@[::1]:5432/shop'],
    ['postgresql://app:a%40b#c@h:1,i:2/shop', 'postgresql://app:a%40b%23c@h:1,i:2/shop'],
    ['postgresql://me@corp:x@db.example.com/shop', 'postgresql://me%40corp:x@db.example.com/shop'],
    [
      'mysql://app:p#ss@db.example.com/shop?sslaccept=strict',
      'mysql://app:p%23ss@db.example.com/shop?sslaccept=strict',
    ],
    [
      'postgresql://app:p@w#d@db.example.com/shop?application_name=a@b',
      'postgresql://app:p%40w%23d@db.example.com/shop?application_name=a@b',
    ],
  ])('%s', (text, suggestion) => {
    const parsed = parseConnectionString(text)
    expect(parsed).toMatchObject({ problem: { code: 'unescaped-character', suggestion } })
    expect(parseConnectionString(suggestion)).toHaveProperty('url')
  })

  it('is none where the value is a parameter or the password has it encoded', () => {
    expect(readUrl('postgresql://app:x@h/db?application_name=a@b').database).toBe('db')
    expect(readUrl('postgresql://app:x%23y@h/db').password).toBe('x#y')
  })
})

describe('what was to be replaced', () => {
  it.each([
    'postgresql://postgres:[YOUR-PASSWORD]@db.abcdefghijklmnopqrst.supabase.co:5432/postgres',
    'postgresql://postgres.[YOUR-PROJECT-REF]:secret@aws-0-[REGION].pooler.supabase.com:6543/postgres',
    'postgresql://postgres:%5BYOUR-PASSWORD%5D@h/db',
    'postgresql://app:<password>@h/db',
    'postgresql://app:<db_password>@h/db',
    'postgresql://app:{password}@h/db',
    'postgresql://app:YOUR_PASSWORD@h/db',
    'postgresql://app:your-password@h/db',
    'postgresql://app:YourPassword@h/db',
    'postgresql://app:PASSWORD@h/db',
    'postgresql://app:__PASSWORD__@h/db',
    'postgresql://USER:PASSWORD@HOST:PORT/DATABASE',
    'postgresql://app:${DB_PASSWORD}@h/db',
    'postgresql://app:$DB_PASSWORD@h/db',
    '${db.DATABASE_URL}',
    '${{Postgres.DATABASE_URL}}',
    'postgresql://app:{{password}}@h/db',
    'postgresql://app:********@h/db',
    'postgresql://app:•••••••@h/db',
    'postgresql://johndoe:randompassword@localhost:5432/mydb?schema=public',
    'postgres://user:pass@postgreshost.com:5432/database_name',
    'prisma://accelerate.prisma-data.net/?api_key=API_KEY',
    'prisma+postgres://accelerate.prisma-data.net/?api_key=<your-api-key>',
  ])('%s', (text) => {
    expect(parseConnectionString(text)).toMatchObject({ problem: { code: 'placeholder' } })
  })

  it.each([
    'postgresql://postgres:postgres@localhost:5432/postgres',
    'postgresql://app:password@localhost/app',
    'postgresql://user:pass@localhost:5432/app',
    'postgresql://app:my[secret]x@h/db',
    'postgresql://app:x{1}y@h/db',
    'postgresql://prisma:prisma@db:5432/prisma',
    'mysql://root:root@host.docker.internal:3306/db',
  ])('is not left in %s', (text) => {
    expect(parseConnectionString(text)).toHaveProperty('url')
  })

  it('still tells the rest of the URL', () => {
    const url = readExample('postgresql://app:${PW}@db.example.com:6543/shop')
    expect(url).toMatchObject({ hosts: [{ name: 'db.example.com', port: 6543 }], database: 'shop' })
  })
})

describe('other texts', () => {
  it.each<[text: string, code: string, suggestion?: string]>([
    ['', 'empty'],
    ['  ', 'empty'],
    ['hello', 'not-a-url'],
    ['https://abcdefghijklmnopqrst.supabase.co', 'web-address'],
    ['redis://default:x@h:6379', 'unknown-scheme'],
    ['app:secret@db.example.com:5432/shop', 'no-scheme', 'postgresql://app:secret@db.example.com:5432/shop'],
    ['//app:secret@db.example.com/shop', 'no-scheme', 'postgresql://app:secret@db.example.com/shop'],
    ['postgres:/app:secret@h/db', 'malformed-scheme', 'postgres://app:secret@h/db'],
    ['postgres:app:secret@h/db', 'malformed-scheme', 'postgres://app:secret@h/db'],
    ['postgresql:///app:secret@h/db', 'malformed-scheme', 'postgresql://app:secret@h/db'],
    ['postgresql+psycopg2://app:secret@h/db', 'unknown-scheme'],
    ['mysql2://app:secret@h/db', 'unknown-scheme'],
    ['sqlite:///./dev.db', 'unknown-scheme'],
    ['postgresql://app:secret@h/db?a=b?c=d', 'second-question-mark', 'postgresql://app:secret@h/db?a=b&c=d'],
    ['postgresql://app:secret@h/db?a=b&amp;c=d', 'html-escaped', 'postgresql://app:secret@h/db?a=b&c=d'],
    [
      'postgresql://app:secret@h/db?application_name=my app',
      'unescaped-character',
      'postgresql://app:secret@h/db?application_name=my%20app',
    ],
    ['postgresql://se#cret@h/db', 'no-colon'],
    ['sqlserver://h:1433;database=d;user=sa;password={a;b}', 'wrong-database'],
    ['postgresql://app:secret@h/db#main', 'fragment', 'postgresql://app:secret@h/db'],
    ['postgresql://app:secret@h:54x2/db', 'bad-port'],
    ['postgresql://app:secret@h:0/db', 'bad-port'],
    ['postgresql://app:secret@h:65536/db', 'bad-port'],
    ['postgresql://app:secret@ho!st/db', 'bad-host'],
    ['postgresql://app:secret@h1,,h2/db', 'bad-host'],
    ['mysql://app:secret@/db', 'bad-host'],
    ['postgresql://app:secret@h\n.example.com/db', 'line-break', 'postgresql://app:secret@h.example.com/db'],
    ['DATABASE_URL=postgres://a:b@h/d\nDIRECT_URL=postgres://a:b@i/d', 'several-values'],
    [
      'jdbc:postgresql://h:5432/db?user=app&password=secret&ssl=true',
      'jdbc-url',
      'postgresql://app:secret@h:5432/db?ssl=true',
    ],
    [
      "host=h port=5432 dbname=db user=app password='a b' sslmode=require",
      'keyword-form',
      'postgresql://app:a%20b@h:5432/db?sslmode=require',
    ],
    ['psql "host=h port=6432 dbname=db user=app"', 'keyword-form', 'postgresql://app@h:6432/db'],
    ['PGPASSWORD=secret psql -h h.example.com -U app shop', 'command', 'postgresql://app:secret@h.example.com/shop'],
    ['psql -h h -p 5432 -d shop -U postgres.ref', 'command', 'postgresql://postgres.ref@h:5432/shop'],
  ])('%j is told apart: %s', (text, code, suggestion) => {
    const parsed = parseConnectionString(text)
    expect(parsed).toMatchObject({ problem: { code, message: expect.any(String) } })
    expect('problem' in parsed && parsed.problem.suggestion).toBe(suggestion)
  })
})

describe('any text at all', () => {
  const fragments = fc.constantFrom(
    'postgresql',
    'mysql',
    'sqlserver',
    'jdbc:',
    'file:',
    '://',
    ':/',
    '@',
    ':',
    '/',
    '?',
    '#',
    '&',
    '&&',
    '=',
    ';',
    '%',
    '%4',
    '%41',
    '[',
    ']',
    '::1',
    '${X}',
    ' ',
    '\n',
    '"',
    "'",
    'host=',
    'user',
    '5432',
    ',',
    '{',
    '}',
    '\\',
    'psql ',
    '-h ',
    'é',
    '\uD800',
    '😀',
  )
  const texts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.array(fc.oneof(fragments, fc.string({ maxLength: 4 })), { maxLength: 20 }).map((parts) => parts.join('')),
    fc.webUrl(),
  )

  it('is read or refused, never thrown at', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const parsed = parseConnectionString(text)
        if ('url' in parsed) {
          expect(parsed.url.text.length).toBeGreaterThan(0)
          expect(parseConnectionString(parsed.url.text)).toMatchObject({ url: parsed.url })
        } else expect(parsed.problem.message).not.toBe('')
      }),
      { numRuns: runs(60, 200) },
    )
  })

  /** What is nearly a connection string, with a place for anything. */
  const NEARLY: ((any: string) => string)[] = [
    (any) => `postgresql://app:${any}@db.example.com:5432/shop?sslmode=require`,
    (any) => `postgresql:/app:pw@db.example.com/${any}`,
    (any) => `postgresql://app:pw@db.example.com/shop#${any}`,
    (any) => `postgresql://app:pw@db.example.com/shop?a=1?b=${any}`,
    (any) => `postgresql://app:pw@db.example.com/shop?a=1&amp;b=${any}`,
    (any) => `postgresql://app:pw@db.\nexample.com/shop?a=${any}`,
    (any) => `app:pw@db.example.com:5432/shop?a=${any}`,
    (any) => `mysql2://app:pw@db.example.com/shop${any}`,
    (any) => `sqlite:///shop${any}`,
    (any) => `jdbc:postgresql://db.example.com/shop?user=app&password=${any}`,
    (any) => `host=db.example.com dbname=shop password='${any}'`,
    (any) => `psql -h db.example.com -U app '${any}'`,
  ]

  it('has a suggestion only if that is itself readable, or complete but for a placeholder', () => {
    const any = fc.array(fc.oneof(fragments, fc.string({ maxLength: 4 })), { maxLength: 3 })
    const nearly = fc.tuple(fc.constantFrom(...NEARLY), any).map(([around, parts]) => around(parts.join('')))
    fc.assert(
      fc.property(nearly, (text) => {
        const parsed = parseConnectionString(text)
        fc.pre('problem' in parsed && parsed.problem.suggestion !== undefined)
        const again = parseConnectionString(parsed.problem.suggestion)
        expect('url' in again || again.problem.code === 'placeholder').toBe(true)
      }),
      { numRuns: runs(60, 200) },
    )
  })

  // Who goes back for every repetition would not end within the test's time.
  it('reads hostile input in one go', () => {
    for (const part of [
      'a=b ',
      'a=bc=d',
      '@',
      '://',
      '[',
      '%',
      "a='",
      '{',
      '${',
      'postgresql://',
      '\\',
      '-h ',
      '#@',
      '?a=',
    ]) {
      parseConnectionString(`postgresql://${part.repeat(20_000)}`)
      parseConnectionString(part.repeat(20_000))
    }
  })
})

describe('a password that needs encoding', () => {
  const password = fc.string({
    unit: fc.constantFrom(...'abcXYZ019#@/?% !$&()*+,;=:[]{}<>|^~`"\'\\-_.'),
    minLength: 6,
    maxLength: 24,
  })

  it('is never repeated in a message, nor is any part of it that is long enough to matter', () => {
    fc.assert(
      fc.property(password, (raw) => {
        const parsed = parseConnectionString(`postgresql://app:${raw}@db.example.com:5432/shop`)
        fc.pre('problem' in parsed)
        const parts = Array.from({ length: raw.length - 4 }, (_, index) => raw.slice(index, index + 5))
        expect(parts.filter((part) => parsed.problem.message.includes(part))).toEqual([])
      }),
    )
  })

  it('comes back as it was when its suggestion is taken, whatever the reason for it', () => {
    fc.assert(
      fc.property(password, (raw) => {
        const parsed = parseConnectionString(`postgresql://app:${raw}@db.example.com:5432/shop`)
        fc.pre('problem' in parsed && parsed.problem.code === 'unescaped-character')
        fc.pre(!/%[0-9a-f]{2}/i.test(raw) && !raw.includes(':@') && parsed.problem.suggestion !== undefined)
        expect(readUrl(parsed.problem.suggestion)).toMatchObject({
          password: raw,
          hosts: [{ name: 'db.example.com', port: 5432 }],
        })
      }),
      { numRuns: runs(60, 200) },
    )
  })
})
