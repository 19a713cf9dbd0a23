import { describe, expect, it } from 'vitest'
import type { FileChange } from '../../src/plan/types.ts'
import { fileDiff } from '../../src/view/diff.ts'
import { planMasks } from '../../src/view/mask.ts'
import { POOLED } from './a-plan.ts'

function diffOf(change: FileChange): string {
  return fileDiff(change, planMasks({ files: [change], env: [] }).file).text
}

describe('fileDiff', () => {
  it('is a unified diff', () => {
    const before = Array.from({ length: 12 }, (_, index) => `line ${index + 1}\n`).join('')
    const after = before.replace('line 6\n', 'line six\nline six and a half\n')
    expect(diffOf({ path: 'api/a.ts', before, after })).toBe(
      [
        '--- a/api/a.ts',
        '+++ b/api/a.ts',
        '@@ -3,7 +3,8 @@',
        ' line 3',
        ' line 4',
        ' line 5',
        '-line 6',
        '+line six',
        '+line six and a half',
        ' line 7',
        ' line 8',
        ' line 9',
        '',
      ].join('\n'),
    )
  })

  it('tells a created and a deleted file by /dev/null', () => {
    expect(diffOf({ path: 'a', before: null, after: 'x\n' })).toBe('--- /dev/null\n+++ b/a\n@@ -0,0 +1,1 @@\n+x\n')
    expect(diffOf({ path: 'a', before: 'x\n', after: null })).toBe('--- a/a\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-x\n')
  })

  it('keeps carriage returns and says when the final newline is missing', () => {
    expect(diffOf({ path: 'a', before: 'x\r\ny', after: 'x\r\nz' })).toBe(
      [
        '--- a/a',
        '+++ b/a',
        '@@ -1,2 +1,2 @@',
        ' x\r',
        '-y',
        '\\ No newline at end of file',
        '+z',
        '\\ No newline at end of file',
        '',
      ].join('\n'),
    )
  })

  it('masks every value of an env file, context included', () => {
    const before = 'API_KEY=abc123\nSESSION_SECRET="s3ss10n"\n# OLD_TOKEN=t0k3n\n'
    const text = diffOf({ path: '.env', before, after: `${before}DATABASE_URL="${POOLED}"\n` })
    expect(text).toBe(
      [
        '--- a/.env',
        '+++ b/.env',
        '@@ -1,3 +1,4 @@',
        ' API_KEY=***',
        ' SESSION_SECRET="***"',
        ' # OLD_TOKEN=***',
        '+DATABASE_URL="postgresql://postgres.ref:***@pooler.example.com:6543/postgres?pgbouncer=true"',
        '',
      ].join('\n'),
    )
  })

  it('shows that a secret changes although both are masked', () => {
    const text = diffOf({ path: 'web/.env.production', before: 'TOKEN=one\n', after: 'TOKEN=two\n' })
    expect(text).toContain('-TOKEN=***\n+TOKEN=***\n')
  })

  it('keeps lines and their masks together around a value of several lines', () => {
    const key = 'KEY="-----BEGIN\nMIIEv\n-----END"\n'
    const text = diffOf({ path: '.env', before: key, after: `${key}A="b"\n` })
    expect(text).toContain(' KEY="***\n ***\n ***"\n+A="***"\n')
  })

  it('masks connection strings in any other file', () => {
    const url = 'postgresql://user:hunter2hunter2@db.example.com/app'
    const text = diffOf({
      path: 'api/db/schema.prisma',
      before: `url = "${url}"\n`,
      after: 'url = env("DATABASE_URL")\n',
    })
    expect(text).toContain('-url = "postgresql://user:***@db.example.com/app"')
  })

  it('masks passwords with quotes and spaces in them', () => {
    const before = `const url = 'postgresql://user:hun"ter 2@db.example.com/app'\n`
    const text = diffOf({
      path: 'api/src/lib/db.ts',
      before,
      after: 'const url = process.env.DATABASE_URL\n',
    })
    expect(text).not.toMatch(/hun|ter 2/)
  })

  it('leaves addresses of documentation readable', () => {
    const after = '// https://www.prisma.io/docs/orm\n'
    expect(diffOf({ path: 'api/src/lib/db.ts', before: null, after })).toContain(after)
  })

  it("shows nothing of PgBouncer's list of users, whichever way it changes", () => {
    const users = '"postgres" "SCRAM-SHA-256$4096:c2FsdA==$c3RvcmVk:c2VydmVy"\n'
    const path = 'pgbouncer/userlist.txt'
    const created = diffOf({ path, before: null, after: users, mode: 0o600 })
    expect(created).toBe('--- /dev/null\n+++ b/pgbouncer/userlist.txt\n@@ -0,0 +1,1 @@\n+***\n')
    const deleted = diffOf({ path, before: users, after: null })
    expect(deleted).toBe('--- a/pgbouncer/userlist.txt\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-***\n')
  })
})
