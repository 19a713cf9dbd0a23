import { afterEach, describe, expect, it } from 'vitest'
import { CEDAR_2, CEDAR_5, type Files, REDWOOD_7_POSTGRES, type TestApp, testApp } from '../support/apps.ts'
import { cli } from '../support/cli.ts'
import { INPUTS } from '../support/inputs.ts'

let app: TestApp
afterEach(() => app.dispose())

const planned = async (files: Files) => {
  app = testApp({ ...REDWOOD_7_POSTGRES, ...files })
  const { json } = await cli(['neon', '--yes', '--dry-run', '--json'], { cwd: app.root, env: INPUTS.neon })
  return json()
}

const POOLED = INPUTS.neon.POOLING_DATABASE_URL!
const DIRECT = POOLED.replace('-pooler', '')
const schema = (url: string) => ({
  'api/db/schema.prisma': REDWOOD_7_POSTGRES['api/db/schema.prisma']!.replace('DATABASE_URL', url),
})

describe('a variable that an integration writes', () => {
  it.each(['DATABASE_URL_UNPOOLED', 'POSTGRES_URL_NON_POOLING'])('%s serves as the direct one', async (name) => {
    const { env, next } = await planned({ '.env': `DATABASE_URL=${POOLED}\n${name}=${DIRECT}\n` })
    expect(env.map((each) => each.name)).toEqual(['DATABASE_URL', name])
    expect(next.join('\n')).not.toContain('DIRECT_URL')
  })

  it('is judged by its value, not by its name', async () => {
    const { env } = await planned({ '.env': `DATABASE_URL=${POOLED}\nDATABASE_URL_UNPOOLED=${POOLED}\n` })
    expect(env.map((each) => each.name)).toEqual(['DATABASE_URL', 'DIRECT_URL'])
  })
})

describe('the direct variable', () => {
  const direct = async (of: Files, args: string[], env: Record<string, string>) => {
    app = testApp(of)
    const { json } = await cli([...args, '--yes', '--dry-run', '--json'], { cwd: app.root, env })
    return json().env.map(({ name }) => name)
  }

  it('is called as --direct-env says', async () => {
    const env = { '.env': `DATABASE_URL_UNPOOLED=${DIRECT}\n` }
    const names = await direct({ ...REDWOOD_7_POSTGRES, ...env }, ['neon', '--direct-env', 'MIGRATE_URL'], INPUTS.neon)
    expect(names).toEqual(['DATABASE_URL', 'MIGRATE_URL'])
  })

  it("is never the runtime's, where a vendor's direct URL stands until now", async () => {
    const pooled = INPUTS['prisma-postgres'].POOLING_DATABASE_URL!
    const env = { '.env': `DATABASE_URL=${pooled.replace('pooled.', '')}\n` }
    const names = await direct({ ...REDWOOD_7_POSTGRES, ...env }, ['prisma-postgres'], INPUTS['prisma-postgres'])
    expect(names).toEqual(['DATABASE_URL', 'DIRECT_URL'])
  })

  it.each([
    ['Cedar with Prisma 6', CEDAR_2, 'DIRECT_URL'],
    ['Cedar with Prisma 7', CEDAR_5, 'DIRECT_DATABASE_URL'],
  ])('is called as Prisma has it in %s', async (_, files, name) => {
    expect(await direct(files, ['neon'], INPUTS.neon)).toEqual(['DATABASE_URL', name])
  })
})

it.each(['POSTGRES_PRISMA_URL', 'SUPABASE_DATABASE_URL', 'LOCAL_DATABASE_URL'])(
  'says why %s is read no more',
  async (name) => {
    const { warnings } = await planned({ '.env': `${name}=${POOLED}\n`, ...schema(name) })
    expect(warnings.find(({ code }) => code === 'name-moved')?.message).toMatch(
      new RegExp(`^${name} .*tests.*DATABASE_URL`),
    )
  },
)
