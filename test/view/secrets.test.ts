import fc from 'fast-check'
import { expect, it } from 'vitest'
import { answersFromInputs } from '../../src/ask/answers.ts'
import { EXIT } from '../../src/base/errors.ts'
import { maskText, secretsOf } from '../../src/connection/mask.ts'
import type { Plan } from '../../src/plan/types.ts'
import { renderError } from '../../src/view/errors.ts'
import { printJson, toJson } from '../../src/view/json.ts'
import { renderOutcome } from '../../src/view/outcome.ts'
import { renderPlan } from '../../src/view/plan.ts'
import { runs } from '../support/sampling.ts'
import { aPlan } from './a-plan.ts'

const APP = {
  framework: 'cedar',
  version: '5.0.3',
  prisma: { version: '7.8.0', major: 7, guessed: false },
  packageManager: 'npm',
} as const

/** Long enough not to be a word of ours by chance; any character of any plane. */
const passwords = fc
  .string({ unit: 'grapheme', minLength: 9, maxLength: 40 })
  .filter((text) => text.trim().length >= 9 && !/^[\s\d./:-]*$/.test(text))

function encoded(password: string): string {
  return encodeURIComponent(password).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16)}`)
}

/** A plan that has the secret wherever a user, a provider or a careless codemod may put it. */
function leakyPlan(password: string): Plan {
  const url = `postgresql://owner:${encoded(password)}@db.example.com:6543/app?sslmode=require`
  const base64 = Buffer.from(`owner:${password}`).toString('base64')
  return aPlan({
    files: [
      {
        path: '.env',
        before: `DATABASE_URL=${url}\n`,
        after: `# was ${url}\nDATABASE_URL="${url}&pgbouncer=true"\n`,
      },
      {
        path: 'api/src/lib/db.ts',
        before: `connect('${url}')\n`,
        after: `connect(process.env.DATABASE_URL)\n`,
      },
      {
        path: 'pgbouncer/userlist.txt',
        before: null,
        after: `"owner" ${JSON.stringify(password)}\n`,
        mode: 0o600,
      },
    ],
    env: [{ name: 'DATABASE_URL', file: '.env', value: url }],
    warnings: [{ code: 'x', message: `found ${url}, in other words ${password}` }],
    refusals: [{ path: 'api/src/lib/db.ts', line: 1, reason: `not understood: ${url}`, snippet: `connect('${url}')` }],
    hostEnv: [{ name: 'DATABASE_URL', why: `it was ${url}`, value: url, add: {}, remove: [] }],
    reasons: [`authorization: ${base64}`],
    next: [`heroku config:set DATABASE_URL=${url}`],
  })
}

function formsOf(password: string): string[] {
  return [password, encodeURIComponent(password), encoded(password), Buffer.from(password).toString('base64')]
}

it('no rendering holds a password, whole, encoded or in base64', async () => {
  await fc.assert(
    fc.asyncProperty(passwords, fc.boolean(), fc.integer({ min: 20, max: 120 }), async (password, color, columns) => {
      const plan = leakyPlan(password)
      const view = { color, columns }
      const shown = [
        await renderPlan(plan, view),
        renderOutcome({ plan, commands: [], undo: 'yarn rw setup pooling undo' }, view),
        printJson(await toJson({ command: 'pooling', status: 'planned', app: APP, provider: 'other', plan })),
      ].join('\n')
      for (const form of formsOf(password)) expect(shown).not.toContain(form)
    }),
    { numRuns: runs(15, 40) },
  )
})

it('no error about an input holds its password', () => {
  const broken = fc.constantFrom(
    (secret: string) => `postgresql://owner:${secret}@db.example.com:65432x/app`,
    (secret: string) => `postgresql//owner:${secret}@db.example.com/app`,
    (secret: string) => `postgresql://owner:${secret}#@[YOUR-HOST]/app`,
    (secret: string) => `mysql://owner:${secret}@db.example.com/app`,
    (secret: string) => `https://owner:${secret}@db.example.com/app`,
    (secret: string) => `postgresql://owner:${secret}@ep-cool-darkness-a1b2c3d4.eu-central-1.aws.neon.tech/neondb`,
    (secret: string) => `owner:${secret}@db.example.com`,
  )
  fc.assert(
    fc.property(passwords, broken, fc.boolean(), (password, template, isEncoded) => {
      const text = template(isEncoded ? encoded(password) : password)
      const names = ['POOLING_DATABASE_URL', 'POOLING_DIRECT_URL', 'POOLING_TEST_DATABASE_URL', 'POOLING_REPLICA_URLS']
      const env = Object.fromEntries(names.map((name) => [name, text]))
      const error = errorOf(env)
      expect(error).toMatchObject({ exitCode: EXIT.usage })
      const mask = (given: string) => maskText(given, secretsOf(text))
      const shown = renderError(error, { color: false, columns: 80, verbose: true, mask: (given) => given })
      expect(shown).toBe(renderError(error, { color: false, columns: 80, verbose: true, mask }))
      for (const form of formsOf(password)) expect(shown).not.toContain(form)
    }),
  )
})

function errorOf(env: Record<string, string>): unknown {
  try {
    return answersFromInputs(
      { flags: { provider: 'supabase', readReplicas: true }, env },
      { kind: 'sqlite', today: new Date('2026-11-22'), invocation: 'yarn rw setup pooling' },
    )
  } catch (error) {
    return error
  }
}
