import { afterEach, expect, it } from 'vitest'
import type { ProviderId } from '../../src/providers/types.ts'
import { type Files, REDWOOD_8, type TestApp, testApp } from '../support/apps.ts'
import { cli } from '../support/cli.ts'
import { INPUTS } from '../support/inputs.ts'

let app: TestApp
afterEach(() => app.dispose())

const lock = (provider: string) => `# provider = "mysql"\nprovider = "${provider}"\n`
const history = (provider: string, folder = 'api/db/migrations'): Files => ({
  [`${folder}/20260101_init/migration.sql`]: 'create table "A" ();\n',
  [`${folder}/migration_lock.toml`]: lock(provider),
})
const NEIGHBOUR = 'api/db/migrations_of_old/README.md'

const setUp = async (provider: ProviderId, ...flags: string[]) => {
  const args = [provider, '--yes', '--json', '--no-install', '--no-verify', ...flags]
  return (await cli(args, { cwd: app.root, env: INPUTS[provider] })).json()
}
const ofMigrations = () =>
  Object.fromEntries(
    [...app.read()].flatMap(([path, { text }]) => (path.includes('/migrations') ? [[path, text]] : [])),
  )

it('of another kind of database go aside upon --reset-migrations, stay there in a switch, and come back', async () => {
  app = testApp({ ...REDWOOD_8, ...history('sqlite'), [NEIGHBOUR]: 'Old\n' })
  const before = ofMigrations()
  const aside = { ...history('sqlite', 'api/db/migrations.sqlite'), [NEIGHBOUR]: 'Old\n' }
  expect((await setUp('neon', '--reset-migrations')).status).toBe('applied')
  expect(ofMigrations()).toEqual(aside)
  expect((await setUp('supabase')).status).toBe('applied')
  expect(ofMigrations()).toEqual(aside)
  for (let step = 0; step < 2; step++) await cli(['undo', '--yes'], { cwd: app.root })
  expect(ofMigrations()).toEqual(before)
})

it('of another kind of database are told of without it, and stay', async () => {
  app = testApp({ ...REDWOOD_8, ...history('sqlite') })
  const { warnings } = await setUp('neon')
  expect(warnings).toContainEqual(
    expect.objectContaining({
      code: 'migrations-of-another-database',
      message: expect.stringMatching(/api\/db\/migrations .*written for sqlite.* on postgresql .*migrations\.sqlite/s),
    }),
  )
  expect(ofMigrations()).toEqual(history('sqlite'))
})

it.each(['postgresql', 'postgres'])('of %s stay, and nothing is said of them', async (name) => {
  app = testApp({ ...REDWOOD_8, ...history(name) })
  const { warnings } = await setUp('neon', '--reset-migrations')
  expect(warnings.map(({ code }) => code)).not.toContain('migrations-of-another-database')
  expect(ofMigrations()).toEqual(history(name))
})
