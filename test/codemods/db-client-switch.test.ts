import { describe, expect, it } from 'vitest'
import { editClient } from '../../codemods/db-client/index.ts'
import type { ClientTarget } from '../../codemods/db-client/target.ts'
import { loadParser } from '../../codemods/module/parse.ts'
import { applyEdits, isRefusal } from '../../codemods/text/edit.ts'
import { readShapes } from './db-client-fixtures.ts'
import { TARGETS, type TargetName } from './db-client-targets.ts'

const parser = await loadParser()
const shapes = new Map(readShapes().map((shape) => [shape.name, shape]))

const engineTargets = namesOf(({ style, singleton }) => style === 'engine' && !singleton)
const adapterTargets = namesOf(
  ({ style, prismaMajor, singleton }) => style === 'adapter' && prismaMajor === 7 && !singleton,
)

function namesOf(wanted: (target: ClientTarget) => boolean): TargetName[] {
  return (Object.keys(TARGETS) as TargetName[]).filter((name) => wanted(TARGETS[name]))
}

function brought(name: string, ...targets: TargetName[]): string {
  const { input, path } = shapes.get(name)!
  return targets.reduce((text, target) => {
    const result = editClient(text, path, TARGETS[target], parser)
    if (isRefusal(result)) {
      throw new Error(`${target}: ${result.refusal.reason}`)
    }
    return applyEdits(text, result.edits)
  }, input)
}

/** Law 3 where there is no journal: only the file itself says what it was before. */
describe('A and then B leaves what B leaves', () => {
  describe.each(['redwood-two-step', 'uploads'])('%s', (shape) => {
    it.each(engineTargets)('from %s to each', (first) => {
      for (const second of engineTargets) {
        expect(brought(shape, first, second), second).toBe(brought(shape, second))
      }
    })
  })

  describe.each(['cedar-sqlite', 'cedar-neon'])('%s', (shape) => {
    it.each(adapterTargets)('from %s to each', (first) => {
      for (const second of adapterTargets) {
        expect(brought(shape, first, second), second).toBe(brought(shape, second))
      }
    })
  })

  it.each([
    'cedar-sqlite-unused-import',
    'cedar-sqlite-esm',
    'cedar-sqlite-esm-js',
    'cedar-sqlite-early',
    'cedar-sqlite-current-dir',
    'cedar-pg-multi-line',
    'cedar-pglite',
    'cedar-no-adapter',
    'own-extensions',
  ])('%s, from each target to the next', (shape) => {
    for (const [index, first] of adapterTargets.entries()) {
      const second = adapterTargets[(index + 1) % adapterTargets.length]!
      expect(brought(shape, first, second), `${first} then ${second}`).toBe(brought(shape, second))
    }
  })
})

describe('adding and removing leaves the start', () => {
  it.each([
    'redwood-two-step',
    'redwood-two-step-js',
    'redwood-two-step-crlf',
    'uploads',
    're-exported-types',
    'own-extensions',
    'query-events',
  ])('%s', (shape) => {
    for (const target of engineTargets) {
      const isSplit = shape === 'query-events' && /^(accelerate|replicas)/.test(target)
      if (!isSplit) {
        expect(brought(shape, target, 'engine5'), target).toBe(brought(shape))
      }
    }
  })
})
