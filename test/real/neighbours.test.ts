import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { ProviderId } from '../../src/providers/types.ts'
import { flagsFor, INPUTS } from '../support/inputs.ts'
import type { App } from './support/app.ts'
import { packCli } from './support/pack.ts'
import { must } from './support/process.ts'
import { redwoodApp } from './support/redwood-app.ts'

let app: App
let bin: string
beforeAll(async () => {
  app = await redwoodApp({ language: 'ts' })
  const folder = path.join(app.root, '..', 'cli')
  await must('mkdir', ['-p', folder])
  await must('tar', ['-xzf', await packCli(), '-C', folder])
  bin = path.join(folder, 'package/dist/bin.js')
})
afterEach(() => app.reset())
afterAll(() => app.dispose())

const text = (file: string) => readFile(path.join(app.root, file), 'utf8')

async function pooling(provider: ProviderId) {
  const args = [bin, provider, '--yes', '--json', '--no-install', '--no-verify', ...flagsFor(provider)]
  const { stdout } = await app.must('node', args, { env: INPUTS[provider] })
  expect(JSON.parse(stdout)).toMatchObject({ status: 'applied', refusals: [] })
}

const DATABASE = { DATABASE_URL: 'postgresql://h/d', DIRECT_URL: 'postgresql://h/d' }

// Heroku and Accelerate are the two that edit db.ts; `setup uploads` edits the same lines.
describe.each(['heroku', 'accelerate'] as const)('Redwood’s own commands beside %s', (provider) => {
  it('`setup uploads` afterwards', async () => {
    await pooling(provider)
    await app.must('yarn', ['rw', 'setup', 'uploads', '--force'], { env: DATABASE })
    expect(await text('api/src/lib/db.ts')).toContain('storagePrismaExtension')
  })

  it('`setup uploads` before', async () => {
    await app.must('yarn', ['rw', 'setup', 'uploads', '--force'], { env: { DATABASE_URL: 'file:./dev.db' } })
    await pooling(provider)
    const client = await text('api/src/lib/db.ts')
    expect(client).toContain('storagePrismaExtension')
    expect(client).toContain(provider === 'heroku' ? 'DATABASE_CONNECTION_POOL_URL' : 'withAccelerate()')
  })
})

describe('Redwood’s own commands beside supabase', () => {
  it('a deploy target, and the second run', async () => {
    await pooling('supabase')
    await app.must('yarn', ['rw', 'setup', 'deploy', 'netlify', '--force'], { env: DATABASE })
    expect(await text('api/db/schema.prisma')).toContain('directUrl = env("DIRECT_URL")')
    const again = await app.must('node', [bin, 'supabase', '--yes', '--json'], { env: INPUTS.supabase })
    expect(JSON.parse(again.stdout)).toMatchObject({ status: 'unchanged' })
  })
})
