import fc from 'fast-check'
import { expect, it } from 'vitest'
import { attempt } from '../../src/ask/cli/calls.ts'
import { CLIS } from '../../src/ask/cli/index.ts'
import type { Query } from '../../src/ask/query.ts'
import { parseConnectionString } from '../../src/connection/connection-string.ts'
import { runs as repeats } from '../support/sampling.ts'
import { CANARY, DOCTL, HEROKU, NEON, PSCALE } from './cli-outputs.ts'

/** What the programs print when all is well, by the beginning of the command: to be damaged in one place. */
const OUTPUTS: Record<string, unknown> = {
  'heroku auth:whoami': 'me@example.com',
  'heroku apps': [HEROKU.app('shop'), HEROKU.app('blog')],
  'heroku config': HEROKU.config(),
  'heroku pg:connection-pooling:attach': '',
  'doctl databases list': [DOCTL.cluster('shop'), DOCTL.cluster('staging')],
  'doctl databases connection': DOCTL.connection,
  'doctl databases pool list': [DOCTL.pool('shop'), DOCTL.pool('batch', { mode: 'session' })],
  'doctl databases pool create': [DOCTL.pool('shop')],
  'neonctl projects list': { projects: [NEON.project('one'), NEON.project('two')] },
  'neonctl orgs list': [{ id: 'org-1', name: 'Mine' }],
  'neonctl branches list': [NEON.branch('br-main-1', 'main', { default: true })],
  'neonctl databases list': [NEON.database('neondb'), NEON.database('shop')],
  'neonctl connection-string': NEON.POOLED,
  'pscale database list': [PSCALE.database('shop', 'postgresql'), PSCALE.database('blog', 'mysql')],
  'pscale branch list': [PSCALE.branch('main', true)],
  'pscale role create': PSCALE.role,
  'pscale password create': PSCALE.password,
}

const hostile = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom('--help', '-rf', '', 'a\u001b[2J', 'x\ny', '../..', 'a@evil.example/', `${CANARY}`, -1, 1e99),
  fc.string({ unit: 'binary', maxLength: 30 }),
)

/** The output with one value somewhere inside it replaced. */
function damaged(value: unknown): fc.Arbitrary<unknown> {
  const isInner = typeof value === 'object' && value !== null
  if (!isInner) return fc.oneof(fc.constant(value), hostile)
  const entries = Object.entries(value)
  return fc.oneof(
    { arbitrary: fc.constant(value), weight: 2 },
    { arbitrary: hostile, weight: 1 },
    {
      arbitrary: fc
        .constantFrom(...entries)
        .chain(([key, inner]) =>
          damaged(inner).map((other) =>
            Array.isArray(value)
              ? value.map((each, index) => (String(index) === key ? other : each))
              : { ...value, [key]: other },
          ),
        ),
      weight: 6,
    },
  )
}

const ends = (command: string) => {
  const known = Object.entries(OUTPUTS).find(([start]) => command.startsWith(start))
  if (!known) throw new Error(`unexpected command: ${command}`)
  return fc.record({
    exitCode: fc.oneof({ arbitrary: fc.constant(0), weight: 20 }, fc.constantFrom(1, -1)),
    stdout: damaged(known[1]).map((value) => (typeof value === 'string' ? value : JSON.stringify(value))),
    stderr: fc.constantFrom('', 'org_id is required', 'not logged in'),
    complaint: fc.constant(''),
  })
}

const OPTIONS = new Set(
  `--all --json --app --as --mode --size --db --user --force --output --project-id --branch --role-name
  --database-name --pooled --org-id --format --inherited-roles -o`.split(/\s+/),
)

/** A name that looks like one to fill in is for the wizard to turn down, as it does when a person pastes one. */
function isUsable(text: string): boolean {
  const parsed = parseConnectionString(text)
  return 'url' in parsed || parsed.problem.code === 'placeholder'
}

it('whatever the programs print, nothing breaks and no output becomes an option', () => {
  let found = 0
  let gaveUp = 0
  fc.assert(
    fc.property(fc.constantFrom(...Object.values(CLIS)), fc.gen(), (cli, any) => {
      const said: string[] = []
      const flow = attempt(cli.fetch(new Date('2026-11-23T12:34:00Z')))
      let step = flow.next()
      while (!step.done) step = flow.next(answer(step.value))
      expect(said.join('\n')).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f]/)
      const urls = [step.value?.pooled, step.value?.direct].filter((text) => text !== undefined)
      for (const text of urls) expect(isUsable(text)).toBe(true)
      if (step.value) found++
      else gaveUp++

      function answer(query: Query): unknown {
        if (query.ask === 'say') return void said.push(...query.lines)
        if (query.ask === 'run') return runs(query)
        if (!('question' in query)) throw new Error(`unexpected: ${query.ask}`)
        said.push(query.question.message, query.question.explain ?? '')
        if (query.ask === 'confirm') return any(fc.boolean)
        if (query.ask !== 'choice') throw new Error(`unexpected: ${query.ask}`)
        for (const { title, description } of query.choices) said.push(title, description)
        return any(fc.constantFrom, ...query.choices.map(({ value }) => value))
      }

      function runs({ argv, undo }: Extract<Query, { ask: 'run' }>) {
        const reply = any(ends, argv.join(' '))
        for (const argument of [...argv, ...(undo?.(reply.stdout) ?? [])]) {
          if (argument.startsWith('-')) expect(OPTIONS).toContain(argument)
          expect(argument).not.toMatch(/[\u0000-\u001f\u007f]/)
        }
        return reply
      }
    }),
    { numRuns: repeats(300, 600) },
  )
  expect(found).toBeGreaterThan(50)
  expect(gaveUp).toBeGreaterThan(50)
})
