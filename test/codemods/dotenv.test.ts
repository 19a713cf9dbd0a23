import { describe, expect, it } from 'vitest'
import { editEnv, quoteEnvValue } from '../../codemods/env/dotenv.ts'
import { checkEnv } from '../../codemods/env/dotenv-check.ts'
import { readCommentedAssignments, readEnv } from '../../codemods/env/dotenv-lex.ts'
import type { EnvTarget } from '../../codemods/env/target.ts'
import { applyEdits, isRefusal } from '../../codemods/text/edit.ts'
import { maskEnvText } from '../../src/view/env-mask.ts'
import { readEnvTarget } from './env-targets.ts'
import { outcome, readFixtures } from './fixture-files.ts'

const fixtures = readFixtures('env', ({ input, want }) => outcome(input, editEnv(input, readEnvTarget(want)))).map(
  (fixture) => ({ ...fixture, want: readEnvTarget(fixture.want) }),
)
const edited = fixtures.filter(({ output }) => output !== null)
const plain = edited.filter(({ input }) => !input.includes('\r') && input.includes('\n'))

function apply(text: string, want: EnvTarget): string {
  const result = editEnv(text, want)
  if (isRefusal(result)) throw new Error(result.refusal.reason)
  return applyEdits(text, result.edits)
}

it('every fixture has one outcome', () => {
  expect(fixtures.length).toBeGreaterThanOrEqual(120)
  for (const { output, refusal } of fixtures) expect(output === null).toBe(refusal !== null)
})

describe('an env file in the wild', () => {
  it.each(fixtures)('$name', ({ input, output, refusal, notes, want }) => {
    expect(outcome(input, editEnv(input, want))).toEqual({ output, refusal, notes })
  })
})

describe('the result, read by dotenv, differs in exactly what was wanted', () => {
  it.each(edited)('$name', async ({ input, output, want }) => {
    await checkEnv(input, output!, want)
  })
})

it.each(edited)('twice is once: $name', ({ output, want }) => {
  expect(editEnv(output!, want)).toMatchObject({ edits: [] })
})

it.each(plain)('Windows line endings: $name', ({ input, output, want }) => {
  expect(apply(input.replaceAll('\n', '\r\n'), want)).toBe(output!.replaceAll('\n', '\r\n'))
})

it('no message or snippet repeats a value', () => {
  for (const { input, want } of fixtures) {
    const result = editEnv(input, want)
    expect(JSON.stringify(isRefusal(result) ? result : result.notes)).not.toContain('ary')
  }
})

describe('readEnv', () => {
  it('gives the span of each value, quotes included', () => {
    const text = '\uFEFF# c\r\n  export A = "x\r\ny" # z\r\nB=\'q\'\r\nC=\r\n'
    const entries = readEnv(text)
    expect(entries.map(({ name, value, line }) => [name, value, line])).toEqual([
      ['A', 'x\ny', 2],
      ['B', 'q', 4],
      ['C', '', 5],
    ])
    expect(entries.map(({ valueStart, valueEnd }) => text.slice(valueStart, valueEnd))).toEqual(['"x\r\ny"', "'q'", ''])
    expect(entries.map(({ start }) => text.slice(start).split(/\W/)[0])).toEqual(['export', 'B', 'C'])
    expect(entries.map(({ quote, exported }) => [quote, exported])).toEqual([
      ['"', true],
      ["'", false],
      [null, false],
    ])
  })

  // A reader that looks at each blank line from each of those above would never end.
  it('a long run of blank lines is read in one go', () => {
    const text = `${'\n'.repeat(500_000)}!\nA=1`
    expect(readEnv(text)).toMatchObject([{ name: 'A', line: 500_002 }])
  })
})

it('readCommentedAssignments finds what could be uncommented, and no prose', () => {
  const text = `# DATABASE_URL=postgres://x # y
#export DIRECT_URL = "z"
# Note: this is not one, and = neither
KEY="
# INSIDE=a value
"
A=1 # B=2
  ## TEST_DATABASE_URL=
`
  const found = readCommentedAssignments(text)
  expect(found.map(({ name, value, line }) => [name, value, line])).toEqual([
    ['DATABASE_URL', 'postgres://x', 1],
    ['DIRECT_URL', 'z', 2],
    ['TEST_DATABASE_URL', '', 8],
  ])
  expect(found.map(({ hash, start }) => text.slice(hash, start))).toEqual(['# ', '#', '## '])
})

it.each([
  ['plain', '"plain"'],
  ["a b#c'd`e$f", '"a b#c\'d`e$f"'],
  ['one\ntwo\rthree', '"one\\ntwo\\rthree"'],
  ['back\\slash', '"back\\slash"'],
])('%j is written as %s', (value, text) => {
  expect(quoteEnvValue(value)).toEqual({ text })
})

describe('the oracle notices', () => {
  const before = 'A=1\nDATABASE_URL=postgres://old\nDIRECT_URL=x\n'
  const want: EnvTarget = {
    set: [{ name: 'DATABASE_URL', value: 'postgres://new' }],
    remove: [{ name: 'DIRECT_URL' }],
  }
  const after = apply(before, want)

  it.each<[string, string]>([
    ['an edit that was not made', before],
    ['a value cut short', after.replace('"postgres://new"', 'postgres://ne#w')],
    ['a line that should be gone', `${after}DIRECT_URL=x\n`],
    ['another value that changed', after.replace('A=1', 'A=2')],
    ['another name that went', after.replace('A=1\n', '')],
    ['a name from nowhere', `${after}EVIL=1\n`],
  ])('%s', async (_, wrong) => {
    expect(wrong).not.toBe(after)
    await expect(checkEnv(before, wrong, want)).rejects.toThrow(/^env codemod: \w+ does not read as intended$/)
  })

  it('nothing wrong with the right result', async () => {
    await checkEnv(before, after, want)
  })
})

it('maskEnvText keeps what helps and no value', () => {
  const text = `# Database (see https://docs.example.com/env)
DATABASE_URL="postgresql://app:s3cr3t@db.example.net:6543/app?pgbouncer=true" # pooled
DIRECT_URL=postgresql://app:s3#cr3t@db.example.net/app # direct
export SESSION_SECRET = s3cr3t
KEY="-----BEGIN
s3cr3t
-----END"
# OLD_URL='postgres://app:s3cr3t@old.example.net/app'
# OLD_KEY="-----BEGIN
# s3cr3t
# -----END"

# the password: s3cr3t
# The secret key: see the wiki for where it is kept.
# https://hooks.example.com/services/s3cr3ts3cr3ts3cr3t
# moved from postgres://app:s3cr3t@older.example.net/app in May
s3cr3t on a line of its own
EMPTY=
PRISMA_HIDE_UPDATE_MESSAGE=true`
  expect(maskEnvText(text)).toBe(`# Database (see https://docs.example.com/env)
DATABASE_URL="postgresql://app:***@db.example.net:6543/app?pgbouncer=true" # pooled
DIRECT_URL=postgresql://*** # direct
export SESSION_SECRET = ***
KEY="***
***
***"
# OLD_URL='postgres://app:***@old.example.net/app'
# OLD_KEY=***
# ***
# ***

# the password: ***
# The secret key: see the wiki for where it is kept.
# ***
# moved from postgres://app:***@older.example.net/app in May
***
EMPTY=
PRISMA_HIDE_UPDATE_MESSAGE=***`)
})

it('maskEnvText takes a line separator that nobody sees for a part of its line', () => {
  expect(maskEnvText('A line\u2028s3cr3t\n# password: s3\u2028cr3t')).toBe('***\n# password: ***')
})
