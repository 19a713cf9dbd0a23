import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { withDatabase, withHost, withParams, withPort } from '../../src/connection/edit.ts'
import { decode } from '../../src/connection/encoding.ts'
import { layoutOf, slice } from '../../src/connection/layout.ts'
import { readUrl } from './read-url.ts'

describe('parameters', () => {
  it.each<[text: string, changes: Record<string, string | null>, after: string]>([
    ['postgresql://u:p@h/db', { pgbouncer: 'true' }, 'postgresql://u:p@h/db?pgbouncer=true'],
    ['postgresql://u:p@h', { a: '1', b: '2' }, 'postgresql://u:p@h?a=1&b=2'],
    ['postgresql://u:p@h/db?a=1&b=2', { a: '9' }, 'postgresql://u:p@h/db?a=9&b=2'],
    ['postgresql://u:p@h/db?a=1&b=2', { a: null }, 'postgresql://u:p@h/db?b=2'],
    ['postgresql://u:p@h/db?a=1', { a: null }, 'postgresql://u:p@h/db'],
    ['postgresql://u:p@h/db?', {}, 'postgresql://u:p@h/db'],
    ['postgresql://u:p@h/db?a=1&', {}, 'postgresql://u:p@h/db?a=1'],
    ['postgresql://u:p@h/db?a=1&&b=2', {}, 'postgresql://u:p@h/db?a=1&b=2'],
    ['postgresql://u:p@h/db?a=1&a=2', { a: '3' }, 'postgresql://u:p@h/db?a=3'],
    [
      'postgresql://u:p@h/db?options=-c+search_path%3dx',
      { a: '1' },
      'postgresql://u:p@h/db?options=-c+search_path%3dx&a=1',
    ],
    ['postgresql://u:p@h/db?a=b%20c', { a: 'b c' }, 'postgresql://u:p@h/db?a=b%20c'],
    [
      'postgresql://u:p@h/db',
      { host: '/var/run', o: 'a b&c=d' },
      'postgresql://u:p@h/db?host=/var/run&o=a%20b%26c%3Dd',
    ],
    ['postgresql://u:p@h/db?flag', { flag: 'true' }, 'postgresql://u:p@h/db?flag=true'],
    ['postgresql://u:p%23@h/db#x', { a: '1' }, 'postgresql://u:p%23@h/db?a=1#x'],
    ['file:./dev.db', { connection_limit: '1' }, 'file:./dev.db?connection_limit=1'],
    ['nothing of the kind', { a: '1' }, 'nothing of the kind'],
  ])('%s with %j', (text, changes, after) => {
    expect(withParams(text, changes)).toBe(after)
  })

  const name = fc.stringMatching(/^[a-z_]{1,8}$/).filter((text) => !/key|token|password/.test(text))
  const value = fc.string({ unit: 'grapheme', maxLength: 12 })
  const query = fc.array(fc.tuple(name, fc.stringMatching(/^(?:[\w.~/:+-]|%[0-9A-Fa-f]{2})*$/)), {
    maxLength: 5,
  })

  it('changes nothing else, and takes a change back byte for byte', () => {
    fc.assert(
      fc.property(query, name, value, (params, added, text) => {
        fc.pre(params.every(([present]) => present !== added))
        const list = params.map(([key, raw]) => `${key}=${raw}`).join('&')
        const url = `postgresql://u:p%41@h:1/d%20b${list && `?${list}`}`
        const after = withParams(url, { [added]: text })
        expect(after.startsWith(url)).toBe(true)
        expect(readUrl(after).params.at(-1)).toMatchObject({ name: added, value: text })
        expect(withParams(after, { [added]: null })).toBe(url)
      }),
    )
  })

  it('is the same done twice', () => {
    fc.assert(
      fc.property(query, fc.dictionary(name, fc.option(value)), (params, changes) => {
        const once = withParams(`mysql://h/d?${params.map((pair) => pair.join('=')).join('&')}`, changes)
        expect(withParams(once, changes)).toBe(once)
      }),
    )
  })
})

describe('host, port, database, user and password', () => {
  const url = 'postgresql://us%65r:p%40ss@one.example.com:5432/d%62?a=%41'
  it.each([
    [withHost(url, 'two.example.com'), 'postgresql://us%65r:p%40ss@two.example.com:5432/d%62?a=%41'],
    [withHost('postgresql://u@h1:1,h2:2/db', 'h3'), 'postgresql://u@h3:1,h2:2/db'],
    [withPort(url, 6543), 'postgresql://us%65r:p%40ss@one.example.com:6543/d%62?a=%41'],
    [withPort('postgresql://u@h1,h2:2/db', 6432), 'postgresql://u@h1:6432,h2:6432/db'],
    [withPort('postgresql://u@[::1]/db', 6432), 'postgresql://u@[::1]:6432/db'],
    [withDatabase(url, 'my db'), 'postgresql://us%65r:p%40ss@one.example.com:5432/my%20db?a=%41'],
    [withDatabase('postgresql://u@h:1?a=b', 'x'), 'postgresql://u@h:1/x?a=b'],
  ])('%#: %s', (after, expected) => {
    expect(after).toBe(expected)
  })

  it('are read back as they were given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (text) => {
        fc.pre(!/\p{Surrogate}/u.test(text))
        const changed = withDatabase('postgresql://u:p@h:1/d', text)
        expect(partsOf(changed)).toMatchObject({ database: text })
      }),
    )
  })
})

/** Reads the parts alone: a generated text may look like a placeholder. */
function partsOf(text: string) {
  const { user, password, path } = layoutOf(text)!
  const part = (span: typeof user) => span && decode(slice(text, span))
  return { user: part(user), password: part(password), database: part(path) }
}
