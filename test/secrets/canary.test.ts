import { expect, it } from 'vitest'
import { encode } from '../../src/connection/encoding.ts'
import { CANARY, formsIn } from './canary.ts'

it('the canary is found however it is written', () => {
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
  const cut = CANARY.slice(0, 8)
  for (const start of [cut, encode(cut), encodeURIComponent(cut), `${new URLSearchParams({ a: cut })}`]) {
    expect(formsIn(`postgresql://app:${start}...`)).toContain('cut off after a few characters')
  }
  expect(formsIn(encodeURIComponent(encodeURIComponent(CANARY)))).toContain('percent-encoded twice')
  expect(formsIn(Buffer.from(CANARY).toString('hex'))).toContain('in hexadecimal')
  expect(formsIn(JSON.stringify({ CANARY, more: '"' }))).toContain('as JSON')
  expect(formsIn(`prisma://host/?${new URLSearchParams({ api_key: CANARY })}`)).toContain('form-encoded')
  expect(formsIn('postgresql://app:***@h/db')).toEqual([])
})
