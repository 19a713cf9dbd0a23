import { expect, it } from 'vitest'
import { saltOf, scramSecret } from '../../src/providers/scram.ts'

it('is what a server keeps for the example of RFC 7677', () => {
  expect(scramSecret('pencil', Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64'))).toBe(
    'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
  )
})

it('has a salt of its own for each user and place, the same each time', () => {
  expect(saltOf('app', 'a')).toEqual(saltOf('app', 'a'))
  expect(saltOf('app', 'a')).not.toEqual(saltOf('app', 'b'))
  expect(saltOf('app', 'a')).not.toEqual(saltOf('root', 'a'))
  expect(saltOf('app', 'a')).toHaveLength(16)
})

it('treats characters that look the same alike, as PostgreSQL does', () => {
  const salt = saltOf('app', 'a')
  expect(scramSecret('caf\u00E9', salt)).toBe(scramSecret('cafe\u0301', salt))
  expect(scramSecret('a\u00A0b', salt)).toBe(scramSecret('a b', salt))
  expect(scramSecret('a\u00ADb', salt)).toBe(scramSecret('ab', salt))
})
