import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { KNOWN, saidBySetup } from '../../src/doctor/known.ts'
import { WORDS } from '../../src/doctor/planned/codes.ts'
import { cli } from '../support/cli.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PAGE = join(ROOT, 'docs/doctor.md')

const read = (path: string) => readFileSync(path, 'utf8')

const findings = () =>
  KNOWN.map(({ code, title, why, fix }) => `### ${code}\n\n${title}. ${why}\n\n**Fix:** ${fix}\n`).join('\n')

/** The part of the page under a heading of the second level. */
const part = (heading: string) =>
  read(PAGE)
    .split(/^## /m)
    .find((each) => each.startsWith(`${heading}\n`))!

const BLOCK = /(<!-- findings -->\n)[\s\S]*(<!-- \/findings -->)/

/** How the sources name the code of a warning, a problem or an error. */
const CODES = [
  /\b(?:warn|warning|note|error|problem|fail|failure|badUrl)\(\s*'([a-z][a-z0-9-]*)'/g,
  /\bcode: (?:[^\n'"`]*(?:'[\w-]+' )?[?] )?'([a-z][a-z0-9-]*)'/g,
  /\bcode: [^\n]*\? [^\n?]+ : '([a-z][a-z0-9-]*)'/g,
  /\bcode: `([a-z-]+-)\$/g,
  /^ *\['([a-z]+(?:-[a-z]+)+)', [A-Z]/gm,
  /^const [A-Z]+ = '([a-z]+(?:-[a-z]+)+)'/gm,
]

function codesOfSources(): string[] {
  const files = ['src', 'codemods'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((path) => join(ROOT, folder, path)),
  )
  const texts = files.filter((path) => path.endsWith('.ts')).map(read)
  const found = texts.flatMap((text) => CODES.flatMap((pattern) => [...text.matchAll(pattern)].map((each) => each[1]!)))
  const made = found.map((code) => (code.endsWith('-') ? `${code}*` : code))
  return [...new Set(made.filter((code) => !code.startsWith('missing-') || code === 'missing-*'))]
}

describe('every code', () => {
  it('has one text', () => {
    const codes = KNOWN.map(({ code }) => code)
    expect(codes).toEqual([...new Set(codes)])
    for (const { code, title, why, fix } of KNOWN) {
      expect([code, title, why, fix]).not.toContain('')
      expect(title, code).not.toMatch(/\.$/)
    }
  })

  it('has its place on the page', () => {
    const page = read(PAGE).replace(BLOCK, (_, start, end) => `${start}${findings()}${end}`)
    if (process.env.UPDATE) writeFileSync(PAGE, page)
    expect(read(PAGE)).toBe(page)
  })

  it('of a warning, a problem or an error has its row on the page, and nothing else does', () => {
    const rows = [...part('What `pooling` says').matchAll(/^\| `([a-z0-9*-]+)` \|/gm)].map((each) => each[1]!)
    const isFinding = (code: string) => KNOWN.some((known) => known.code === code)
    const wanted = codesOfSources().filter((code) => !isFinding(code))
    expect(rows.toSorted()).toEqual(wanted.toSorted())
  })

  it('has a consequence of its own', () => {
    const whys = Object.values(WORDS).map(({ why }) => why)
    expect(whys).toEqual([...new Set(whys)])
  })

  it('has a test that finds it', () => {
    const files = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
    const tests = files.filter((path) => /\.test\.ts$/.test(path)).map((path) => read(join(ROOT, 'test', path)))
    const untested = KNOWN.filter(({ code }) => !tests.some((text) => new RegExp(`[' ]${code}(?![\\w-])`).test(text)))
    expect(untested.map(({ code }) => code)).toEqual([])
  })
})

describe('--explain', () => {
  const explain = (input: string) => cli(['doctor', '--explain', '--json'], { cwd: '/', input })

  it.each([
    ['prepared statement "s0" already exists', 'pgbouncer-flag'],
    ['PostgresError { code: "42P05", message: "prepared statement \\"s1\\" already exists" }', 'pgbouncer-flag'],
    ['ERROR: 26000: prepared statement "s3" does not exist', 'pgbouncer-flag'],
    ["P1001: Can't reach database server at `db.example.com:5432`", 'live-unreachable'],
    ['Error: P1002\nTimed out trying to acquire a postgres advisory lock', 'datasource'],
    ['P1011', 'live-certificate'],
    ['Error code: P1012\nerror: Environment variable not found: DIRECT_URL.', 'unset-variable'],
    ['P1013: The provided database string is invalid.', 'malformed-url'],
    ['P1017: Server has closed the connection.', 'live-closed'],
    ['P2024 Timed out fetching a new connection from the connection pool.', 'client-options'],
    ['P2028 Transaction API error: Unable to start a transaction in the given time.', 'outer-client-in-transaction'],
    ['P6001: The URL must start with the protocol `prisma://`', 'accelerate'],
    ['08P01: unsupported startup parameter: search_path', 'live-startup-parameter'],
    ['FATAL: sorry, too many clients already', 'connection-limit'],
    ['FATAL: remaining connection slots are reserved for roles with the SUPERUSER attribute', 'connection-limit'],
    ['FATAL: MaxClientsInSessionMode: max clients reached - in Session mode', 'connection-limit'],
    ['FATAL: Tenant or user not found', 'live-tenant'],
    ['ERROR: database "shop_test" is being accessed by other users', 'database-in-use'],
    ['Error opening a TLS connection: self-signed certificate in certificate chain', 'live-certificate'],
  ])('%s', async (text, code) => {
    const { exitCode, stdout } = await explain(text)
    const { explained } = JSON.parse(stdout) as { explained: { code: string }[] }
    expect(explained.map((each) => each.code)).toContain(code)
    expect(explained.length).toBeLessThanOrEqual(3)
    expect(exitCode).toBe(0)
  })

  const sections = part('Errors').split(/^### /m).slice(1)
  it.each(sections.map((section) => [section.split('\n')[0]!, section]))('the heading %s', async (text, section) => {
    const { stdout } = await explain(text)
    const { explained } = JSON.parse(stdout) as { explained: { code: string }[] }
    const linked = [...section.matchAll(/\[`[a-z-]+`\]\(#([a-z-]+)\)/g)].map((each) => each[1])
    const own = /^P\d{4}/.exec(text) ?? []
    expect([...own, ...linked].toSorted()).toEqual(explained.map(({ code }) => code).toSorted())
  })

  it.each(sections.filter((section) => /^P\d{4}/.test(section)).map((section) => [section.slice(0, 5), section]))(
    '%s in the words of its section',
    async (code, section) => {
      const { exitCode, stdout } = await cli(['doctor', '--explain', code, '--json'], { cwd: '/' })
      const { explained } = JSON.parse(stdout) as { explained: Record<'title' | 'why' | 'fix', string>[] }
      const { title, why, fix } = explained[0]!
      expect(section.replaceAll('\n', ' ').startsWith(`${code}: ${title}  ${why}  **Fix:** ${fix} See [`)).toBe(true)
      expect(exitCode).toBe(0)
    },
  )

  it('takes a code, wherever it is run', async () => {
    const { exitCode, stdout } = await cli(['doctor', '--explain', 'committed-password'], { cwd: '/' })
    expect(stdout).toContain('committed-password: A deploy file holds a password.')
    expect(stdout).toContain("Fix: Put the URL into the host's variables, and change the password.")
    expect(exitCode).toBe(0)
  })

  it.each(saidBySetup().map(({ code }) => code.replace('*', 'anything')))('takes %s of pooling', async (code) => {
    const { exitCode, stdout } = await cli(['doctor', '--explain', code], { cwd: '/' })
    expect(stdout).toMatch(/^\S+: .+\.\n {2}Fix: .+\.\n/)
    expect(exitCode).toBe(0)
  })

  it('says by what it recognised an error', async () => {
    const named = await cli(['doctor', '--explain', 'P2024'], { cwd: '/' })
    expect(named.stdout).toContain('Recognised: P2024\n')
    const input =
      'Invalid `db.user.findMany()` invocation: Timed out fetching a new connection from the connection pool.'
    const told = await cli(['doctor', '--explain'], { cwd: '/', input })
    expect(told.stdout).toContain('Recognised: Timed out fetching a new connection\n')
    const leaky = await cli(['doctor', '--explain'], {
      cwd: '/',
      input: 'TLS postgresql://a:hunter2@b.example/c required',
    })
    expect(leaky.stdout).toContain('live-needs-tls')
    expect(leaky.stdout).not.toContain('hunter2')
  })

  it('says so when it knows nothing, and repeats nothing', async () => {
    const { exitCode, stdout, stderr } = await cli(['doctor', '--explain'], { cwd: '/', input: 'hunter2' })
    expect(stderr).toContain('No known error in this text.')
    expect(stdout + stderr).not.toContain('hunter2')
    expect(exitCode).toBe(2)
  })
})
