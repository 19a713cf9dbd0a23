import fc from 'fast-check'
import { parseConnectionString } from '../../src/connection/connection-string.ts'
import { withDatabase, withHost, withParams, withPort } from '../../src/connection/edit.ts'
import { encode } from '../../src/connection/encoding.ts'
import { maskText, maskUrl, secretsOf } from '../../src/connection/mask.ts'
import { fail } from './code.ts'

// ---- what connection strings look like

const pieces = fc.constantFrom(
  ...'postgresql mysql sqlserver prisma jdbc: file: :// :/ @ : / ? # & && = ; % %4 %41 [ ] ::1 \n " \' host= user 5432 , { } \\ é \uD800 😀'.split(
    ' ',
  ),
  ' ',
  'psql ',
  `\${X}`,
  '-h ',
  'DATABASE_URL=',
)
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.array(fc.oneof(pieces, fc.string({ maxLength: 4 })), { maxLength: 20 }).map((all) => all.join('')),
  fc.webUrl(),
)

const scheme = fc.constantFrom('postgresql', 'postgres', 'mysql')
const host = fc.constantFrom('localhost', 'db.example.com', 'Pool.Example.com', '10.0.0.3', '[::1]')
// No text in angle or square brackets, which stands for something to be filled in.
const part = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
  .filter((text) => !/\p{Surrogate}|[<>[\]{}]|your|password|placeholder|x{3}|\*|\.\.\.|\u2026/iu.test(text))
const name = fc.stringMatching(/^[a-z_]{2,8}$/).filter((text) => !/key|token|pass/.test(text))
const params = fc.uniqueArray(fc.tuple(name, fc.stringMatching(/^[\w.~-]{1,8}$/)), {
  selector: ([key]) => key,
  maxLength: 4,
})

const parts = fc.record({
  scheme,
  user: part,
  password: part,
  host,
  port: fc.integer({ min: 1, max: 65535 }),
  // WHATWG takes these for steps of a path.
  database: part.filter((text) => text !== '.' && text !== '..'),
  params,
})

interface Parts {
  scheme: string
  user: string
  password: string
  host: string
  port: number
  database: string
  params: [string, string][]
}

function written({ scheme, user, password, host, port, database, params }: Parts): string {
  const query = params.map((pair) => pair.join('=')).join('&')
  return `${scheme}://${encode(user)}:${encode(password)}@${host}:${port}/${encode(database)}${query && `?${query}`}`
}

/** What another reader makes of it. */
function byUrl(text: string) {
  const url = new URL(text)
  return {
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    host: url.hostname.replace(/^\[|\]$/g, '').toLowerCase(),
    port: Number(url.port),
    database: decodeURIComponent(url.pathname.slice(1)),
    params: [...url.searchParams],
  }
}

function byUs(text: string) {
  const parsed = parseConnectionString(text)
  if (!('url' in parsed)) return null
  const { user, password, hosts, database, params } = parsed.url
  return {
    user,
    password,
    host: hosts[0]?.name,
    port: hosts[0]?.port,
    database,
    params: params.map((each) => [each.name, each.value]),
  }
}

/** Passwords that share no letter with the texts that they are put into. */
const secret = fc
  .string({
    unit: fc.constantFrom(...'QZXJ7946#@/?%&=:+;,.~!$*()[]{}<>|^ \'"\\`-_é日'),
    minLength: 5,
    maxLength: 30,
  })
  .filter((text) => (text.match(/[QZXJ7946]/g)?.length ?? 0) >= 4)
const place = fc.constantFrom<(secret: string) => string>(
  (it) => `postgresql://app:${it}@db.host:5432/shop?sslmode=require`,
  (it) => `mysql://app:${it}@db.host/shop`,
  (it) => `postgresql://h:1,i:2/shop?user=app&password=${it}`,
  (it) => `prisma://accelerate.prisma-data.net/?api_key=${it}`,
  (it) => `sqlserver://db.host:1433;database=shop;user=sa;password=${it};encrypt=true`,
  (it) => `DATABASE_URL="postgresql://app:${it}@[::1]:5432/shop"`,
  (it) => `psql 'postgresql://app:${it}@h/shop'`,
  (it) => `jdbc:postgresql://db.host/shop?user=app&password=${it}`,
  (it) => `host=db.host user=app password='${it}' dbname=shop`,
  (it) => `app:${it}@db.host:5432/shop`,
)

export const connectionProperties: Record<string, (runs: number) => void> = {
  'any text is read or refused, never thrown at, and reads the same again': (runs) => {
    fc.assert(
      fc.property(anyText, (text) => {
        const parsed = parseConnectionString(text)
        maskUrl(text)
        if ('problem' in parsed) {
          if (parsed.problem.message === '') fail('the problem is not said')
          return
        }
        const again = parseConnectionString(parsed.url.text)
        if (!('url' in again) || JSON.stringify(again.url) !== JSON.stringify(parsed.url)) fail('reads differently')
      }),
      { numRuns: runs },
    )
  },
  'a URL reads the same to us as to WHATWG': (runs) => {
    fc.assert(
      fc.property(parts, (all) => {
        const text = written(all)
        const ours = byUs(text)
        if (ours === null) fail('refused')
        if (JSON.stringify(ours) !== JSON.stringify(byUrl(text))) fail('reads differently')
      }),
      { numRuns: runs },
    )
  },
  'an edit changes its part alone, and is the same done twice': (runs) => {
    const edits = {
      host: (text: string, value: Parts) => withHost(text, value.host),
      port: (text: string, value: Parts) => withPort(text, value.port),
      database: (text: string, value: Parts) => withDatabase(text, value.database),
      params: (text: string, value: Parts) =>
        withParams(text, {
          ...Object.fromEntries(byUrl(text).params.map(([key]) => [key, null])),
          ...Object.fromEntries(value.params),
        }),
    }
    const which = fc.constantFrom(...(Object.keys(edits) as (keyof typeof edits)[]))
    fc.assert(
      fc.property(parts, parts, which, (all, others, key) => {
        const text = written(all)
        const after = edits[key](text, others)
        const expected = { ...byUrl(text), [key]: byUrl(written(others))[key] }
        const order = (value: ReturnType<typeof byUrl>) =>
          JSON.stringify({ ...value, params: [...value.params].sort() })
        if (order(byUrl(after)) !== order(expected)) fail(`${key} is not the only change`)
        if (key !== 'params' && edits[key](after, others) !== after) fail('the second edit changes it again')
      }),
      { numRuns: runs },
    )
  },
  'any text can be edited without a throw': (runs) => {
    fc.assert(
      fc.property(anyText, part, fc.dictionary(name, fc.option(part)), (text, value, changes) => {
        for (const edit of [withHost, withDatabase]) edit(text, value)
        withPort(text, 5432)
        const once = withParams(text, changes)
        if (withParams(once, changes) !== once) fail('the second edit changes it again')
      }),
      { numRuns: runs },
    )
  },
  'a password is not in what is shown, nor in a text that was masked with it': (runs) => {
    fc.assert(
      fc.property(secret, place, fc.boolean(), (password, put, isEncoded) => {
        const url = put(isEncoded ? encode(password) : password)
        if (/[QZXJ]/.test(maskUrl(url))) fail('a secret is shown')
        if (!isEncoded || !('url' in parseConnectionString(url))) return
        const forms = [password, encode(password), encodeURIComponent(password), JSON.stringify(password).slice(1, -1)]
        const masked = maskText([url, ...forms, btoa(encodeURIComponent(password))].join('\n'), secretsOf(url))
        for (const form of forms) if (masked.includes(form)) fail('a secret is left')
      }),
      { numRuns: runs },
    )
  },
}
