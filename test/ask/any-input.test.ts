import fc from 'fast-check'
import { expect, it } from 'vitest'
import { answersFromInputs } from '../../src/ask/answers.ts'
import type { Flags } from '../../src/ask/options.ts'
import type { Answers, AskContext } from '../../src/ask/types.ts'
import { type ActionableError, EXIT } from '../../src/base/errors.ts'
import { recognise } from '../../src/providers/index.ts'
import { sameDatabase } from '../../src/providers/same-database.ts'
import { PROVIDER_IDS } from '../../src/providers/types.ts'
import { INPUTS } from '../support/inputs.ts'
import { runs } from '../support/sampling.ts'

const KNOWN_URLS = Object.values(INPUTS).flatMap((urls) => Object.values(urls))

const urls = fc.option(
  fc.oneof(
    fc.constantFrom(...KNOWN_URLS),
    fc.constantFrom('file:./dev.db', ' ', 'postgresql://a:b@localhost/c', 'mysql://a:b@localhost/c', 'not a url'),
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.webUrl().map((text) => text.replace(/^https?/, 'postgresql')),
  ),
  { nil: undefined },
)
const rarely = <T>(value: fc.Arbitrary<T>) =>
  fc.oneof({ arbitrary: fc.constant(undefined), weight: 8 }, { arbitrary: value, weight: 1 })

const flags: fc.Arbitrary<Flags> = fc
  .record({
    provider: rarely(fc.string({ maxLength: 12 })),
    force: rarely(fc.boolean()),
    runtime: rarely(fc.constantFrom('serverless', 'server')),
    instances: rarely(fc.oneof(fc.integer(), fc.double())),
    connectionLimit: rarely(fc.integer({ min: -2, max: 50 })),
    readReplicas: rarely(fc.boolean()),
    local: rarely(fc.boolean()),
    temporary: rarely(fc.boolean()),
    directEnv: rarely(fc.string({ maxLength: 12 })),
    dotenv: rarely(fc.constantFrom('none', '.env', '.env.local', '../x', '', '.env.example')),
  })
  .map((record) => Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)))

/** A provider with its own URLs, of which a few are something else. */
const cases = fc
  .record({
    id: fc.constantFrom(...PROVIDER_IDS),
    flags,
    POOLING_DATABASE_URL: rarely(urls),
    POOLING_DIRECT_URL: rarely(urls),
    POOLING_TEST_DATABASE_URL: urls,
    POOLING_REPLICA_URLS: rarely(urls),
  })
  .map(({ id, flags: given, ...variables }) => {
    const changed = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined))
    return { flags: { provider: id, ...given }, env: { ...INPUTS[id], ...changed } }
  })

const contexts: fc.Arbitrary<AskContext> = fc
  .record({
    kind: fc.constantFrom('sqlite' as const, 'postgresql' as const, 'mysql' as const, null),
    currentPooled: urls,
    currentDirect: urls,
    currentTest: urls,
    today: fc.constantFrom(new Date('2026-11-22'), new Date('2027-01-01')),
    invocation: fc.constant('yarn rw setup pooling'),
    installed: fc.constant(() => true),
  })
  .map((record) => record as AskContext)

it('any input is answered or refused, and tests never get the database of the app', () => {
  let answered = 0
  let refused = 0
  fc.assert(
    fc.property(cases, contexts, (inputs, context) => {
      let answers: Answers
      try {
        answers = answersFromInputs(inputs, context)
      } catch (error) {
        expect(error).toMatchObject({ exitCode: EXIT.usage })
        expect((error as ActionableError).message).not.toBe('')
        refused++
        return
      }
      answered++
      const { test, pooled, direct, replicas } = answers
      const live = [pooled, direct, ...replicas].filter((url) => url !== null)
      if (test === null) return
      expect(live.some((other) => sameDatabase(test, other))).toBe(false)
      expect(recognise(test)?.role).not.toBe('pooled')
    }),
    { numRuns: runs(150, 500) },
  )
  expect(answered).toBeGreaterThan(25)
  expect(refused).toBeGreaterThan(25)
})
