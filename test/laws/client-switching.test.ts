import { describe, expect, it } from 'vitest'
import { editClient } from '../../codemods/db-client/index.ts'
import type { ClientTarget } from '../../codemods/db-client/target.ts'
import { loadParser } from '../../codemods/module/parse.ts'
import { applyEdits, isRefusal } from '../../codemods/text/edit.ts'
import { TARGETS, type TargetName } from '../codemods/db-client-targets.ts'
import { readTables } from '../codemods/fixture-files.ts'
import { remembering } from '../fuzz/code.ts'
import { sampled } from '../support/sampling.ts'

const parser = remembering(await loadParser(), 100)
const shapes = new Map(readTables('db-client').map((fixture) => [fixture.name, fixture]))

const engineTargets = namesOf(({ style }) => style === 'engine')
const adapterTargets = namesOf(
  ({ style, prismaMajor, adapter }) =>
    style === 'adapter' && prismaMajor === 7 && adapter?.byHand === null && adapter.schema === null,
).filter((name) => name !== 'pgPlain7')

/** Numbers in the code are the app's own. */
const withoutNumbers = (text: string) =>
  text
    .replace(/^\s*(max|\w+TimeoutMillis): \d.*\n/gm, '')
    .replace(/, max: \d+/, '')
    .replace(/(connectionTimeoutMillis|maxWait): [\d_]+/g, '$1')

function namesOf(wanted: (target: ClientTarget) => boolean): TargetName[] {
  return (Object.keys(TARGETS) as TargetName[]).filter((name) => wanted(TARGETS[name]))
}

const known = new Map<string, string>()

function brought(name: string, ...targets: TargetName[]): string {
  const key = [name, ...targets].join(' ')
  const text = known.get(key) ?? brings(name, targets)
  known.set(key, text)
  return text
}

function brings(name: string, targets: TargetName[]): string {
  const { input, path } = shapes.get(name)!
  const target = targets.at(-1)
  if (!target) return input
  const text = brought(name, ...targets.slice(0, -1))
  const result = editClient(text, path, TARGETS[target], parser)
  if (isRefusal(result)) throw new Error(`${target}: ${result.refusal.reason}`)
  return applyEdits(text, result.edits)
}

/** All, or one that is another for each first one. */
function others(targets: TargetName[], first: TargetName): TargetName[] {
  const at = targets.indexOf(first)
  return sampled([...targets.slice(at + 1), ...targets.slice(0, at + 1)], 1)
}

/** Law 3 where there is no journal: only the file itself says what it was before. */
describe('A and then B leaves what B leaves', () => {
  describe.each(['redwood-two-step', 'uploads'])('%s', (shape) => {
    it.each(engineTargets)('from %s to each', (first) => {
      for (const second of others(engineTargets, first)) {
        expect(brought(shape, first, second), second).toBe(brought(shape, second))
      }
    })
  })

  it('declares first what a changed declaration comes to use', () => {
    const shape = 'redwood-two-step'
    expect(brought(shape, 'marketplace5', 'heroku5')).toBe(brought(shape, 'heroku5'))
  })

  describe.each(['cedar-sqlite', 'cedar-neon'])('%s', (shape) => {
    it.each(adapterTargets)('from %s to each', (first) => {
      for (const second of others(adapterTargets, first)) {
        expect(withoutNumbers(brought(shape, first, second)), second).toBe(withoutNumbers(brought(shape, second)))
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
    for (const [index, first] of sampled([...adapterTargets.entries()], 2)) {
      const second = adapterTargets[(index + 1) % adapterTargets.length]!
      expect(withoutNumbers(brought(shape, first, second)), `${first} then ${second}`).toBe(
        withoutNumbers(brought(shape, second)),
      )
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
    for (const target of sampled(engineTargets, 3)) {
      const isSplit = shape === 'query-events' && /^(accelerate|replicas)/.test(target)
      if (!isSplit) {
        expect(brought(shape, target, 'engine5'), target).toBe(brought(shape))
      }
    }
  })
})
