import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { editPackageJson, type PackageChange } from '../../codemods/manifests/package-json.ts'
import { applyEdits, isRefusal } from '../../codemods/text/edit.ts'
import { runs } from '../support/sampling.ts'

function apply(text: string, change: Partial<PackageChange>): string {
  const whole = { add: [], remove: [], ...change }
  const result = editPackageJson(text, whole)
  if (isRefusal(result)) throw new Error(result.refusal.reason)
  const after = applyEdits(text, result.edits)
  checkPackageJson(text, after, whole)
  return after
}

const notesOf = (text: string, change: Partial<PackageChange>) => {
  const result = editPackageJson(text, { add: [], remove: [], ...change })
  return isRefusal(result) ? [] : (result.notes ?? []).map(({ code }) => code)
}

const API = `{
  "name": "api",
  "version": "0.0.0",
  "private": true,
  "dependencies": {
    "@redwoodjs/api": "8.9.0",
    "@redwoodjs/graphql-server": "8.9.0"
  }
}
`
const ACCELERATE = { name: '@prisma/extension-accelerate', range: '^1.2.1' }
const PG = { name: 'pg', range: '^8.16.0' }

describe('adding', () => {
  it('keeps a sorted list sorted', () => {
    expect(apply(API, { add: [ACCELERATE, PG] })).toBe(`{
  "name": "api",
  "version": "0.0.0",
  "private": true,
  "dependencies": {
    "@prisma/extension-accelerate": "^1.2.1",
    "@redwoodjs/api": "8.9.0",
    "@redwoodjs/graphql-server": "8.9.0",
    "pg": "^8.16.0"
  }
}
`)
  })

  it('puts a new entry last in a list that is not sorted', () => {
    const text = '{\n  "dependencies": {\n    "zod": "1",\n    "axios": "1"\n  }\n}\n'
    expect(apply(text, { add: [PG] })).toBe(text.replace('"axios": "1"', '"axios": "1",\n    "pg": "^8.16.0"'))
  })

  it('makes a section at the end', () => {
    expect(apply('{\n  "name": "x",\n  "devDependencies": {\n    "a": "1"\n  }\n}\n', { add: [PG] })).toBe(
      '{\n  "name": "x",\n  "devDependencies": {\n    "a": "1"\n  },\n  "dependencies": {\n    "pg": "^8.16.0"\n  }\n}\n',
    )
  })

  it.each([
    [
      'tabs',
      '{\n\t"dependencies": {\n\t\t"a": "1"\n\t}\n}',
      '{\n\t"dependencies": {\n\t\t"a": "1",\n\t\t"pg": "^8.16.0"\n\t}\n}',
    ],
    [
      'four spaces',
      '{\n    "dependencies": {\n        "a": "1"\n    }\n}',
      '{\n    "dependencies": {\n        "a": "1",\n        "pg": "^8.16.0"\n    }\n}',
    ],
    [
      'CRLF',
      '{\r\n  "dependencies": {\r\n    "zod": "1"\r\n  }\r\n}\r\n',
      '{\r\n  "dependencies": {\r\n    "pg": "^8.16.0",\r\n    "zod": "1"\r\n  }\r\n}\r\n',
    ],
    [
      'CRLF without dependencies',
      '{\r\n  "name": "x"\r\n}',
      '{\r\n  "name": "x",\r\n  "dependencies": {\r\n    "pg": "^8.16.0"\r\n  }\r\n}',
    ],
    ['an empty list', '{\n  "dependencies": {}\n}', '{\n  "dependencies": {\n    "pg": "^8.16.0"\n  }\n}'],
    [
      'an empty list over two lines',
      '{\n  "dependencies": {\n  }\n}',
      '{\n  "dependencies": {\n    "pg": "^8.16.0"\n  }\n}',
    ],
    ['an empty object', '{}', '{\n  "dependencies": {\n    "pg": "^8.16.0"\n  }\n}'],
    [
      'a byte order mark',
      '\uFEFF{\n  "dependencies": {\n    "a": "1"\n  }\n}',
      '\uFEFF{\n  "dependencies": {\n    "a": "1",\n    "pg": "^8.16.0"\n  }\n}',
    ],
    [
      'braces and escapes in strings',
      '{\n  "x": "}, \\" {",\n  "dependencies": {\n    "a": "1"\n  }\n}',
      '{\n  "x": "}, \\" {",\n  "dependencies": {\n    "a": "1",\n    "pg": "^8.16.0"\n  }\n}',
    ],
  ])('follows %s', (_, text, expected) => {
    expect(apply(text, { add: [PG] })).toBe(expected)
  })

  it('leaves an entry of the same range alone and brings another up to date in place', () => {
    const text = '{"dependencies":{"pg":"^8.16.0"}}'
    expect(apply(text, { add: [PG] })).toBe(text)
    const older = '{\n  "dependencies": {\n    "pg": "^7.0.0",\n    "a": "1"\n  }\n}'
    expect(apply(older, { add: [PG] })).toBe(older.replace('^7.0.0', '^8.16.0'))
  })

  it('moves to dependencies what is needed at run time', () => {
    const text = '{\n  "dependencies": {\n    "a": "1"\n  },\n  "devDependencies": {\n    "pg": "^8.16.0"\n  }\n}'
    expect(apply(text, { add: [PG] })).toBe('{\n  "dependencies": {\n    "a": "1",\n    "pg": "^8.16.0"\n  }\n}')
    expect(notesOf(text, { add: [PG] })).toEqual(['package-moved'])
  })

  it('does not move to devDependencies what is a dependency already', () => {
    const text = '{"dependencies":{"pg":"^8.16.0"}}'
    expect(apply(text, { add: [{ ...PG, dev: true }] })).toBe(text)
  })

  it.each(['workspace:*', 'catalog:', 'file:../pg', 'npm:other@^1', 'github:x/pg', 'git+ssh://x/y'])(
    'keeps the range %s, with a note',
    (range) => {
      const text = JSON.stringify({ devDependencies: { pg: range } })
      expect(apply(text, { add: [PG] })).toBe(text)
      expect(notesOf(text, { add: [PG] })).toEqual(['package-range-kept'])
    },
  )
})

describe('removing', () => {
  it('takes out an entry with its comma, wherever it stands', () => {
    const lines = ['    "a": "1"', '    "b": "1"', '    "c": "1"']
    const text = `{\n  "dependencies": {\n${lines.join(',\n')}\n  }\n}\n`
    for (const [index, name] of ['a', 'b', 'c'].entries()) {
      const rest = lines.filter((_, place) => place !== index).join(',\n')
      expect(apply(text, { remove: [name] })).toBe(`{\n  "dependencies": {\n${rest}\n  }\n}\n`)
    }
  })

  it('takes out a section that is left empty, as npm does', () => {
    expect(apply('{\n  "name": "x",\n  "dependencies": {\n    "a": "1"\n  }\n}\n', { remove: ['a'] })).toBe(
      '{\n  "name": "x"\n}\n',
    )
    expect(apply('{\n  "dependencies": {\n    "a": "1"\n  }\n}', { remove: ['a'] })).toBe('{\n}')
  })

  it('does nothing about a package that is not there', () => {
    expect(apply(API, { remove: ['pg'] })).toBe(API)
  })

  it('can be undone by adding again', () => {
    expect(apply(apply(API, { add: [ACCELERATE] }), { remove: [ACCELERATE.name] })).toBe(API)
  })
})

describe('refuses', () => {
  it.each([
    '',
    '[]',
    'null',
    '"x"',
    '{ // comment\n}',
    '{"a":1,}',
    '{"dependencies":[]}',
    '{"dependencies":"x"}',
    '{"dependencies":{"a":"1"}}',
    '{ "dependencies": { "a": "1", "z": "1" } }',
    '{"name":"x"}',
    '{\n  "dependencies": {"z": "1"}\n}',
    '{\n  "dependencies": {\n    "a" : "1" ,\n    "b" : "1"\n  }\n}',
    '{\n  "dependencies": {\n    "pg": "1",\n    "pg": "2"\n  }\n}',
  ])('%s', (text) => {
    const result = editPackageJson(text, { add: [PG, { name: 'x', range: '1', dev: true }], remove: [] })
    if (!isRefusal(result)) throw new Error('not refused')
    expect(result.refusal.snippet).toBe(
      '  "dependencies": {\n    "pg": "^8.16.0"\n  },\n  "devDependencies": {\n    "x": "1"\n  }',
    )
  })
})

describe('the oracle notices', () => {
  const change = { add: [PG], remove: ['a'] }
  const before = JSON.stringify({ name: 'x', dependencies: { a: '1', b: '1' } }, null, 2)
  it.each([
    ['a package that was not added', '{"name":"x","dependencies":{"b":"1"}}'],
    ['a package that was added in another range', '{"name":"x","dependencies":{"b":"1","pg":"1"}}'],
    ['a package that was not removed', '{"name":"x","dependencies":{"a":"1","b":"1","pg":"^8.16.0"}}'],
    ['another entry that changed', '{"name":"x","dependencies":{"b":"2","pg":"^8.16.0"}}'],
    ['another key that changed', '{"name":"y","dependencies":{"b":"1","pg":"^8.16.0"}}'],
    ['a text that is no JSON', '{"name":"x","dependencies":{"b":"1","pg":"^8.16.0",}}'],
  ])('%s', (_, after) => {
    expect(() => checkPackageJson(before, after, change)).toThrow(/^package\.json codemod: /)
  })

  it('nothing wrong with the right result', () => {
    checkPackageJson(before, apply(before, change), change)
  })
})

describe('whatever the file', () => {
  const name = fc.constantFrom('a', 'pg', '@prisma/client', 'zod', 'Zed', '__proto__', 'toString')
  const range = fc.constantFrom('1', '^8.16.0', 'workspace:*')
  const list = fc.dictionary(name, range, { noNullPrototype: true, maxKeys: 4 })
  const file = fc
    .record({ name: fc.string(), dependencies: list, x: fc.jsonValue(), devDependencies: list }, { requiredKeys: [] })
    .chain((value) => fc.constantFrom(...[2, 4, '\t'].map((indent) => JSON.stringify(value, null, indent))))
  const change = fc.record({
    add: fc.uniqueArray(fc.record({ name, range: fc.constantFrom('1', '^2'), dev: fc.boolean() }), {
      selector: (one) => one.name,
      maxLength: 3,
    }),
    remove: fc.uniqueArray(name, { maxLength: 2 }),
  })

  it('the oracle agrees, and twice is once', () => {
    fc.assert(
      fc.property(file, change, (text, wanted) => {
        const after = apply(text, wanted)
        const settled = {
          ...wanted,
          remove: wanted.remove.filter((one) => !wanted.add.some((add) => add.name === one)),
        }
        expect(apply(after, settled)).toBe(after)
      }),
      { numRuns: runs(80, 300) },
    )
  })

  it('any text is edited or refused', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), change, (text, wanted) => {
        const result = editPackageJson(text, wanted)
        if (!isRefusal(result)) checkPackageJson(text, applyEdits(text, result.edits), wanted)
      }),
      { numRuns: runs(80, 300) },
    )
  })
})

const SECTIONS = ['dependencies', 'devDependencies', 'optionalDependencies'] as const

/**
 * Asserts, with `JSON.parse`, that `after` is `before` with the change and nothing else.
 *
 * @throws {Error} when it is not: a defect of the codemod.
 */
function checkPackageJson(before: string, after: string, change: PackageChange): void {
  const [old, now] = [parseObject(before), parseObject(after)]
  const rest = (object: Record<string, unknown> | null) =>
    JSON.stringify(Object.entries(object ?? {}).filter(([key]) => !SECTIONS.some((section) => section === key)))
  if (!old || !now || rest(old) !== rest(now)) throw new Error('package.json codemod: more than dependencies differs')

  const touched = new Set([...change.remove, ...change.add.map(({ name }) => name)])
  for (const section of SECTIONS) {
    const others = (object: Record<string, unknown>) =>
      JSON.stringify(Object.entries(object[section] ?? {}).filter(([name]) => !touched.has(name)))
    if (others(old) !== others(now)) throw new Error(`package.json codemod: another entry of ${section} differs`)
  }
  const rangesOf = (name: string) =>
    SECTIONS.flatMap((section) => {
      const entries = now[section]
      return isRecord(entries) && Object.hasOwn(entries, name) ? [entries[name]] : []
    })
  const isThere = (name: string, range: string) =>
    rangesOf(name).some((written) => written === range || (typeof written === 'string' && !isVersionRange(written)))
  const lacking = change.add.find(({ name, range }) => !isThere(name, range))
  if (lacking) throw new Error(`package.json codemod: ${lacking.name} was not added`)
  const added = new Set(change.add.map(({ name }) => name))
  const left = change.remove.find((name) => !added.has(name) && rangesOf(name).length > 0)
  if (left) throw new Error(`package.json codemod: ${left} was not removed`)
}

function isVersionRange(range: string): boolean {
  return !/[:/]/.test(range)
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''))
    return isRecord(value) ? value : null
  } catch {
    return null
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
