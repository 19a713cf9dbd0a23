import { expect, test } from 'vitest'
import { encode } from '../../src/connection/encoding.ts'
import { CANARY, formsIn } from './canary.ts'
import { sweep } from './sweep.ts'

test('the canary is found however it is written', () => {
  const around = (text: string, offset: number) => `${'x'.repeat(offset)}${text}yz`
  for (const offset of [0, 1, 2, 3]) {
    expect(formsIn(around(CANARY, offset))).toContain('whole')
    expect(formsIn(around(encode(CANARY).toLowerCase(), offset))).toContain('percent-encoded')
    for (const coding of ['base64', 'base64url'] as const) {
      const coded = (text: string) => Buffer.from(around(text, offset)).toString(coding)
      expect(formsIn(coded(CANARY))).toContain('in base64')
      expect(formsIn(coded(encode(CANARY)))).toContain('percent-encoded in base64')
    }
  }
  expect(formsIn(JSON.stringify({ CANARY, more: '"' }))).toContain('as JSON')
  expect(formsIn(`prisma://host/?${new URLSearchParams({ api_key: CANARY })}`)).toContain('form-encoded')
  expect(formsIn('postgresql://app:***@h/db')).toEqual([])
})

test.each([
  ['supabase', 'REDWOOD_8'],
  ['pgbouncer', 'CEDAR_5'],
] as const)(
  'no command of %s on %s shows it',
  async (provider, fixture) => {
    const { searched, found } = await sweep({ providers: [provider], fixtures: [fixture] })
    expect(found).toEqual([])
    expect(searched).toBeGreaterThan(500)
  },
  120_000,
)
