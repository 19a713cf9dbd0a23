import { describe, expect, it } from 'vitest'
import { chainOf } from '../../codemods/db-client/extends.ts'
import { editClient } from '../../codemods/db-client/index.ts'
import { readShape } from '../../codemods/db-client/shape.ts'
import { scanModule } from '../../codemods/module/module-scan.ts'
import { loadParser } from '../../codemods/module/parse.ts'
import { applyEdits, isRefusal } from '../../codemods/text/edit.ts'
import { remembering } from '../fuzz/code.ts'
import { readShapes } from './db-client-fixtures.ts'
import { TARGETS } from './db-client-targets.ts'

const parser = remembering(await loadParser(), 50)
const shapes = readShapes()

describe.each(shapes)('$name', ({ input, path, cases }) => {
  it.each(cases)('to $target', ({ target, expected, notes }) => {
    const result = editClient(input, path, TARGETS[target], parser)
    if (isRefusal(result)) {
      const { reason, line } = result.refusal
      expect({ refusal: { reason, ...(line === undefined ? {} : { line }) } }).toEqual(expected)
      return
    }
    const text = applyEdits(input, result.edits)
    expect(text === input ? { unchanged: true } : { text }).toEqual(expected)
    expect(result.notes).toEqual(notes)
  })

  it.each(cases)('to $target, twice is once', ({ target }) => {
    const result = editClient(input, path, TARGETS[target], parser)
    if (isRefusal(result)) {
      return expect(result.refusal.snippet).toContain('PrismaClient')
    }
    const text = applyEdits(input, result.edits)
    const again = editClient(text, path, TARGETS[target], parser)
    expect('edits' in again ? again.edits : again).toEqual([])
  })
})

/** `setup uploads` of both frameworks wraps `db`'s value and refuses one that is a `new` expression. */
describe('db never becomes a `new` expression', () => {
  const isBareNew = (text: string, path: string): boolean => {
    const { db } = readShape(scanModule(text, path, parser))
    return db?.init
      ? chainOf(db.init).base.type === 'NewExpression' && chainOf(db.init).calls.length === 0
      : false
  }

  const edited = shapes.filter(({ cases }) => cases.some(({ expected }) => 'text' in expected))

  it.each(edited)('$name', ({ input, path, cases }) => {
    const before = isBareNew(input, path)
    for (const { target, expected } of cases) {
      if ('text' in expected) {
        expect(before || !isBareNew(expected.text, path), target).toBe(true)
      }
    }
  })
})

it('knows at least 80 shapes', () => {
  expect(shapes.length).toBeGreaterThanOrEqual(80)
  expect(shapes.every(({ cases }) => cases.length > 0)).toBe(true)
})
