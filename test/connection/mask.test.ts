import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encode } from '../../src/connection/encoding.ts'
import { maskText, maskUrl, secretsOf } from '../../src/connection/mask.ts'
import { runs } from '../support/sampling.ts'

describe('a URL to show', () => {
  it.each([
    ['postgresql://app:secret@h:5432/db?sslmode=require', 'postgresql://app:***@h:5432/db?sslmode=require'],
    // What stands alone there may be the password, the user forgotten.
    ['postgresql://secret@h/db', 'postgresql://***@h/db'],
    ['postgresql://USER@h/db', 'postgresql://USER@h/db'],
    ['prisma://api_key=abc@accelerate.prisma-data.net/', 'prisma://***@accelerate.prisma-data.net/'],
    ['postgresql://h1:1,h2/db', 'postgresql://h1:1,h2/db'],
    ['"postgresql://app:secret@h/db"', 'postgresql://app:***@h/db'],
    ['DATABASE_URL=postgresql://app:secret@h/db', 'postgresql://app:***@h/db'],
    ['prisma://accelerate.prisma-data.net/?api_key=ey.J9', 'prisma://accelerate.prisma-data.net/?api_key=***'],
    ['postgresql://app:x@h/db?sslpassword=y&sslcert=c.pem', 'postgresql://app:***@h/db?sslpassword=***&sslcert=c.pem'],
    ['postgresql://h/db?user=a&password=b&token=c', 'postgresql://h/db?user=a&password=***&token=***'],
    ['postgresql://h/db?password=b&rest=of&it', 'postgresql://h/db?password=***&***&***'],
    ['sqlserver://h:1433;database=d;user=sa;password={a;b};encrypt=true', 'sqlserver://***'],
    ['mongodb+srv://app:secret@c.mongodb.net/db?w=majority', 'mongodb+srv://app:***@c.mongodb.net/db?w=majority'],
    ['file:./dev.db', 'file:./dev.db'],
    ['postgresql://app:[YOUR-PASSWORD]@h/db', 'postgresql://app:***@h/db'],
  ])('%s', (text, masked) => {
    expect(maskUrl(text)).toBe(masked)
  })

  it.each([
    ['postgresql://app:p@ss#w/rd@h/db', 'postgresql://***'],
    ['postgresql://app:se/cret@h/db', 'postgresql://***'],
    ['postgresql://app:x@h/?options=@host/db', 'postgresql://***'],
    ['jdbc:postgresql://h/db?user=a&password=b', '***'],
    ["host=h user=a password='b'", '***'],
    ['PGPASSWORD=secret psql -h h', '***'],
    ['secret', '***'],
    ['postgresql://app:secret', 'postgresql://***'],
    ['postgresql://app:/secret', 'postgresql://***'],
    ['', '***'],
  ])('%s is shown as little as needed: %s', (text, masked) => {
    expect(maskUrl(text)).toBe(masked)
  })
})

/** Passwords that share no run of letters with the URLs they are put into. */
const password = fc
  .string({
    unit: fc.constantFrom(...'QZXJ7946#@/?%&=:+;,.~!$*()[]{}<>|^ \'"\\`-_é日'),
    minLength: 5,
    maxLength: 30,
  })
  .filter((text) => (text.match(/[QZXJ7946]/g)?.length ?? 0) >= 4)

const PLACES: ((secret: string) => string)[] = [
  (secret) => `postgresql://app:${secret}@db.host:5432/shop?sslmode=require`,
  (secret) => `postgres://postgres.abcdefghijklmnopqrst:${secret}@aws-0-eu-west-1.pooler.supabase.com:6543/postgres`,
  (secret) => `mysql://app:${secret}@aws.connect.psdb.cloud/shop?sslaccept=strict`,
  (secret) => `postgresql://h:1,i:2/shop?user=app&password=${secret}`,
  (secret) => `prisma://accelerate.prisma-data.net/?api_key=${secret}`,
  (secret) => `prisma+postgres://accelerate.prisma-data.net/?api_key=${secret}`,
  (secret) => `mongodb+srv://app:${secret}@c.host.net/shop`,
  (secret) => `postgresql://app:${secret}@/shop?host=/cloudsql/p:r:i`,
  (secret) => `DATABASE_URL="postgresql://app:${secret}@[::1]:5432/shop"`,
  (secret) => `psql 'postgresql://app:${secret}@h/shop'`,
  (secret) => `jdbc:postgresql://db.host/shop?user=app&password=${secret}`,
  (secret) => `host=db.host user=app password='${secret}' dbname=shop`,
  (secret) => `postgresql:/app:${secret}@db.host`,
  (secret) => `app:${secret}@db.host:5432/shop`,
  (secret) => `sqlserver://db.host:1433;database=shop;user=sa;pwd={${secret.replaceAll('}', '}}')}}`,
]

describe('a password, wherever it stands', () => {
  it('is not in what is shown of a URL, encoded or not', () => {
    fc.assert(
      fc.property(password, fc.constantFrom(...PLACES), fc.boolean(), (secret, place, encoded) => {
        const written = encoded ? encode(secret) : secret
        const shown = maskUrl(place(written))
        for (const form of [secret, written, Buffer.from(secret).toString('base64')]) {
          expect(shown).not.toContain(form)
        }
        expect(shown.match(/[QZXJ]/g) ?? []).toEqual([])
      }),
      { numRuns: runs(60, 200) },
    )
  })

  it('is not in a text that was masked with the secrets of its URL', () => {
    fc.assert(
      fc.property(password, fc.constantFrom(...PLACES.slice(0, 9)), (secret, place) => {
        const url = place(encode(secret))
        const base64 = [0, 1, 2].map((offset) => Buffer.from(`${'u'.repeat(offset)}${secret}:rest`).toString('base64'))
        const text = [
          url,
          secret,
          encode(secret),
          encodeURIComponent(secret),
          encode(secret).toLowerCase(),
          JSON.stringify({ secret }),
          ...base64,
          Buffer.from(url).toString('base64'),
        ].join('\n')
        const masked = maskText(text, secretsOf(url))
        expect(masked).not.toContain(secret)
        expect(masked).not.toContain(encode(secret))
        expect(masked).not.toContain(JSON.stringify(secret).slice(1, -1))
        const decoded = masked.split('\n').map((line) => Buffer.from(line, 'base64').toString())
        expect(decoded.filter((line) => line.includes(secret))).toEqual([])
      }),
      { numRuns: runs(60, 200) },
    )
  })
})

describe('secrets of a URL', () => {
  it('are the password and every parameter that is not known to be harmless, raw and decoded', () => {
    expect(secretsOf('postgresql://app:p%40ss@h/db?sslmode=require&token=t%31')).toEqual([
      'p%40ss',
      'p@ss',
      't%31',
      't1',
    ])
  })

  it('are none for the well-known passwords of local servers, which are ordinary words', () => {
    expect(secretsOf('postgresql://postgres:postgres@localhost:5432/app')).toEqual([])
    expect(secretsOf('postgresql://postgres:postgres@db.example.com:5432/app')).toEqual(['postgres'])
  })

  it('are the whole text when it cannot be read', () => {
    expect(secretsOf('postgresql://app:p#w@h')).toEqual(['postgresql://app:p#w@h'])
  })
})

it('masks the longest form first, and nothing without secrets', () => {
  expect(maskText('a%40bc and a@bc', ['a@bc'])).toBe('*** and ***')
  expect(maskText('abc', [])).toBe('abc')
  expect(maskText('abc', [''])).toBe('abc')
})

it('looks for a very short secret only where it stands as a value', () => {
  const masked = maskText('a cat: postgres://cat:a@a/cat?password=a&x=ab', ['a'])
  expect(masked).toBe('a cat: postgres://cat:***@a/cat?password=***&x=ab')
})
