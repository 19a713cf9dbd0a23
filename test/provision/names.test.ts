import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { candidateNames } from '../../src/provision/names.ts'

describe('names of servers', () => {
  it.each([
    ['shop', 'shop'],
    ['@acme/shop', 'acme-shop'],
    ['Mein Laden (2)', 'Mein-Laden-2'],
    ['店', 'redwood-app'],
    ['durable-streams', 'durable-streams-app'],
    ['shop'.repeat(20), 'shop'.repeat(10)],
  ])('%s becomes %s', (appName, name) => {
    expect(candidateNames(appName, '/app')[0]).toEqual([name, `${name}-test`])
  })

  it('are always ones that prisma dev takes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), fc.string(), (appName, root) => {
        for (const [development, test] of candidateNames(appName, root)) {
          expect(development).toMatch(/^[A-Za-z0-9_-]{1,60}$/)
          expect(test).toMatch(/^[A-Za-z0-9_-]{1,60}$/)
          expect(development).not.toBe('durable-streams')
        }
      }),
    )
  })

  it('have a second form that differs from folder to folder', () => {
    const [, first] = candidateNames('app', '/a/app')
    const [, second] = candidateNames('app', '/b/app')
    expect(first[0]).not.toBe(second[0])
    expect(candidateNames('app', '/a/app')[1]).toEqual(first)
  })
})
