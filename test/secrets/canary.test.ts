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

test('no command shows it', async () => {
  const { searched, found } = await sweep({ providers: ['pgbouncer'], fixtures: ['CEDAR_5'] })
  expect(found).toEqual([])
  expect(searched).toBeGreaterThan(500)
}, 120_000)
