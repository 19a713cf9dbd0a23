import { describe, expect, it } from 'vitest'
import { chainOf } from '../../codemods/db-client/chain.ts'
import { clientSnippet, editClient, strayClient } from '../../codemods/db-client/index.ts'
import { readShape } from '../../codemods/db-client/shape.ts'
import { ModuleDraft } from '../../codemods/module/module-draft.ts'
import { scanModule } from '../../codemods/module/module-scan.ts'
import { loadParser } from '../../codemods/module/parse.ts'
import { UNSAFE } from '../../codemods/module/refused.ts'
import { remembering } from '../fuzz/code.ts'
import { sampled } from '../support/sampling.ts'
import { TARGETS, targetOf } from './db-client-targets.ts'
import { type Given, type Outcome, outcome, readFixtures, shapesOf } from './fixture-files.ts'

const parser = remembering(await loadParser(), 50)
const edit = ({ input, path, want }: Given) => editClient(input, path, TARGETS[targetOf(want)], parser)

const HELPER = "import { PrismaClient } from '@prisma/client'\nexport const client = new PrismaClient()\n"

/** With the refusal of an app that has one more file, where the two don't show that tests stay away. */
function outcomeOf(given: Given): Outcome {
  const found = outcome(given.input, edit(given))
  if (found.output === null) return found
  const { prismaMajor } = TARGETS[targetOf(given.want)]
  const files = new Map([[given.path, found.output]])
  if (prismaMajor < 7) files.set('api/src/helper.ts', HELPER)
  const stray = strayClient(files, given.path, prismaMajor, parser)
  if (!stray) return found
  return outcome(given.input, { refusal: { ...stray, snippet: clientSnippet(TARGETS[targetOf(given.want)]) } })
}

const fixtures = readFixtures('db-client', outcomeOf)

describe('a db.ts in the wild', () => {
  it.each(fixtures)('$name to $want', ({ name, ...fixture }) => {
    expect({ ...fixture, ...outcomeOf(fixture) }).toEqual(fixture)
  })

  it.each(sampled(fixtures, 10))('$name to $want, twice is once', (fixture) => {
    const { output, refusal } = fixture
    if (output === null) return expect(refusal).toContain('PrismaClient')
    expect(edit({ ...fixture, input: output })).toMatchObject({ edits: [] })
  })
})

/** `setup uploads` of both frameworks wraps `db`'s value and refuses one that is a `new` expression. */
describe('db never becomes a `new` expression', () => {
  const isBareNew = (text: string, path: string): boolean => {
    const { db } = readShape(scanModule(text, path, parser))
    return db?.init ? chainOf(db.init).base.type === 'NewExpression' && chainOf(db.init).calls.length === 0 : false
  }

  const edited = fixtures.filter(({ input, output }) => output !== null && output !== input)

  it.each(sampled(edited, 25))('$name to $want', ({ input, output, path }) => {
    expect(isBareNew(input, path) || !isBareNew(output!, path)).toBe(true)
  })
})

it('refuses a file on which a round fails', () => {
  const failing = () => {
    throw new RangeError('edit 1-2 overlaps another or lies outside the text')
  }
  const snippet = clientSnippet(TARGETS.pg7)
  expect(editClient('', 'db.ts', TARGETS.pg7, failing)).toEqual({ refusal: { reason: UNSAFE, snippet } })
})

it('gives up on rounds without an end', () => {
  const draft = new ModuleDraft('', 'db.ts', parser)
  expect(() => draft.rounds(() => [{ start: 0, end: 0, text: '\n' }])).toThrow(RangeError)
})

it('knows at least 80 shapes', () => {
  expect(shapesOf(fixtures).length).toBeGreaterThanOrEqual(80)
})
