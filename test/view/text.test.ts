import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sanitise, sanitiseLine, wrap } from '../../src/base/text.ts'

const COMMANDS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/

describe('sanitise', () => {
  it('shows what a terminal would obey', () => {
    expect(sanitise('api/\u001b[31mred\u001b[0m')).toBe('api/\\x1b[31mred\\x1b[0m')
    expect(sanitise('\u009b2J')).toBe('\\x9b2J')
    expect(sanitise('\u001b]0;title\u0007')).toBe('\\x1b]0;title\\x07')
    expect(sanitise('over\rwritten')).toBe('over\\x0dwritten')
  })

  it('shows what reorders or hides text', () => {
    expect(sanitise('a\u202egpj.exe')).toBe('a\\u{202e}gpj.exe')
    expect(sanitise('zero\u200bwidth')).toBe('zero\\u{200b}width')
    expect(sanitise('tag\u{e0041}')).toBe('tag\\u{e0041}')
  })

  it('leaves ordinary text of any language, newlines and tabs', () => {
    const text = 'schéma\n\tデータベース 😀'
    expect(sanitise(text)).toBe(text)
  })

  it('keeps a single line single', () => {
    expect(sanitiseLine('a\nError: b\tc')).toBe('a\\nError: b\\tc')
  })

  it('lets no command through', () => {
    const text = fc
      .array(fc.integer({ min: 0, max: 0x2100 }), { maxLength: 40 })
      .map((codes) => String.fromCharCode(...codes))
    fc.assert(fc.property(text, (given) => !COMMANDS.test(sanitise(given))))
  })
})

describe('wrap', () => {
  it('breaks at spaces with a hanging indent', () => {
    const text = wrap('The direct connection is for migrations.', { columns: 24, first: '1. ' })
    expect(text).toBe('1. The direct connection\n   is for migrations.')
  })

  it('leaves a long word whole', () => {
    const url = `https://example.com/${'x'.repeat(60)}`
    expect(wrap(`See ${url} for more`, { columns: 40 })).toBe(`See\n${url}\nfor more`)
  })

  it('keeps an indented line indented', () => {
    expect(wrap('these are missing:\n  DIRECT_URL of the database', { columns: 22 })).toBe(
      'these are missing:\n  DIRECT_URL of the\n  database',
    )
  })

  it('loses no word and makes no line too long', () => {
    const words = fc.array(fc.stringMatching(/^[a-z]{1,15}$/), { minLength: 1 })
    fc.assert(
      fc.property(words, fc.integer({ min: 20, max: 100 }), (list, columns) => {
        const wrapped = wrap(list.join(' '), { columns })
        expect(wrapped.split(/\s+/)).toEqual(list)
        for (const line of wrapped.split('\n')) expect(line.length).toBeLessThanOrEqual(columns)
      }),
    )
  })
})
