import { afterEach, describe, expect, it } from 'vitest'
import { PROVIDER_IDS, type ProviderId } from '../../src/providers/types.ts'
import { CEDAR_5, type Files, REDWOOD_7_POSTGRES, REDWOOD_8, type TestApp, testApp } from '../support/apps.ts'
import { cli } from '../support/cli.ts'
import { flagsFor, INPUTS } from '../support/inputs.ts'
import { sampled } from '../support/sampling.ts'

let app: TestApp
afterEach(() => app.dispose())

const setUp = async (provider: ProviderId, ...more: string[]) => {
  const args = [provider, '--yes', '--json', ...flagsFor(provider), ...more]
  const { json, stderr } = await cli(args, { cwd: app.root, env: INPUTS[provider] })
  expect(json().refusals, stderr).toEqual([])
  return json()
}

/** What is said of a switch to the second provider once the app is set up for the first. */
async function switched(files: Files, from: ProviderId, to: ProviderId) {
  app = testApp(files)
  const first = await setUp(from, '--no-install', '--no-verify')
  const second = await setUp(to, '--dry-run')
  const codes = ({ warnings }: typeof first) => warnings.map(({ code }) => code)
  return { ...second, codes: codes(second), before: codes(first) }
}

const PAIRS = PROVIDER_IDS.flatMap((from) =>
  PROVIDER_IDS.filter((to) => to !== from).flatMap((to) =>
    Object.entries({ REDWOOD_8, CEDAR_5 }).map(([name, files]) => ({ name, files, from, to })),
  ),
)

describe('a switch tells of the app as it is today', () => {
  it.each(sampled(PAIRS, 3))('on $name: $from, then $to', async ({ files, from, to }) => {
    const { packages, commands, files: changes, next } = await switched(files, from, to)
    const diffs = changes.filter(({ path }) => path.endsWith('package.json')).map(({ diff }) => diff)
    for (const [sign, names] of Object.entries({ '+': packages.add, '-': packages.remove }))
      for (const name of names)
        expect(diffs.join('\n')).toMatch(new RegExp(`^\\${sign} +"${name.replace(/(?!^)@.*/, '')}"`, 'm'))
    const installs = commands.some(({ command }) => /\binstall\b/.test(command))
    expect(installs).toBe(diffs.some((diff) => /^[+-] +"/m.test(diff)))
    expect(next.join('\n')).not.toMatch(/SQLite|has no tables yet/)
  })
})

it('names the packages that go with the provider before', async () => {
  const { packages, commands } = await switched(CEDAR_5, 'accelerate', 'neon')
  expect(packages.remove).toContain('@prisma/extension-accelerate')
  expect(commands[0]?.command).toBe('yarn install')
})

it('tells how to copy the data of the database that the app is on now', async () => {
  const { next } = await switched(CEDAR_5, 'other', 'neon')
  expect(next.join('\n')).toMatch(/Data doesn't move by itself: .*the old one.*\npg_dump/)
})

const schema = (text: string) => REDWOOD_7_POSTGRES['api/db/schema.prisma']!.replace(/url .*/, text)

it.each<[code: string, files: Files, from: ProviderId, to: ProviderId]>([
  [
    'name-moved',
    { ...REDWOOD_7_POSTGRES, 'api/db/schema.prisma': schema('url = env("POSTGRES_PRISMA_URL")') },
    'neon',
    'other',
  ],
  [
    'shadow-dropped',
    {
      ...REDWOOD_7_POSTGRES,
      'api/db/schema.prisma': schema('url = env("DATABASE_URL")\n  shadowDatabaseUrl = env("DATABASE_URL")'),
    },
    'neon',
    'other',
  ],
  [
    'schema-relation-mode',
    {
      ...REDWOOD_7_POSTGRES,
      '.env': '',
      'api/db/schema.prisma': schema('url = env("DATABASE_URL")\n  relationMode = "prisma"').replace(
        '"postgresql"',
        '"mysql"',
      ),
    },
    'neon',
    'other',
  ],
  [
    'accelerate-cache-lost',
    { ...REDWOOD_8, '.env': 'DATABASE_URL=prisma://accelerate.prisma-data.net/?api_key=old\n' },
    'neon',
    'other',
  ],
])('says %s once', async (code, files, from, to) => {
  const { codes, before } = await switched(files, from, to)
  expect(before).toContain(code)
  expect(codes).not.toContain(code)
})

it('finds what another kind of database does not take in the schema as it is today', async () => {
  const column = (type: string) =>
    schema('url = env("DATABASE_URL")').replace('String?', `String? ${type}`).replace('"postgresql"', '"mysql"')
  app = testApp({ ...REDWOOD_7_POSTGRES, '.env': '', 'api/db/schema.prisma': column('@db.LongText') })
  await setUp('neon', '--no-install', '--no-verify')
  const today = app.read().get('api/db/schema.prisma')!.text
  app.write('api/db/schema.prisma', today.replace('@db.LongText', '@db.Citext'))
  const { warnings } = await setUp('planetscale', '--dry-run')
  const { message } = warnings.find(({ code }) => code === 'schema-of-another-kind')!
  expect(message).toMatch(/^api\/db\/schema\.prisma:\d+: .*Citext/)
})
