import { createHash } from 'node:crypto'
import { chmod, copyFile, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ProviderId } from '../../src/providers/types.ts'
import { flagsFor, INPUTS, PASSWORD } from '../support/inputs.ts'
import type { App } from './support/app.ts'
import { packCli } from './support/pack.ts'
import { must } from './support/process.ts'
import { redwoodApp } from './support/redwood-app.ts'
import { type Registry, startRegistry } from './support/registry.ts'

const PACKAGE = '@redwood-pooling/cli'
const SIX: ProviderId[] = ['supabase', 'heroku', 'digitalocean', 'aws', 'prisma-postgres', 'accelerate']

let registry: Registry
beforeAll(async () => {
  registry = await startRegistry(await packCli())
})
afterAll(() => registry.stop())

/** Bytes and mode of every file of the app that is not a package's or the journal's. */
async function fingerprint(root: string): Promise<Record<string, string>> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .filter((file) => !/(^|\/)node_modules\/|^\.redwood\/|^\.git\/|^\.yarn\/install-state\.gz$/.test(file))
  const prints = files.sort().map(async (file) => {
    const hash = createHash('sha256')
      .update(await readFile(path.join(root, file)))
      .digest('hex')
    const { mode } = await stat(path.join(root, file))
    return [file, `${mode.toString(8)} ${hash}`] as const
  })
  return Object.fromEntries(await Promise.all(prints))
}

const AUTHOR = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com']

async function underGit(app: App): Promise<void> {
  await must('git', ['init', '-q'], { cwd: app.root })
}

const README = new URL('../../README.md', import.meta.url)

const text = (app: App, file: string) => readFile(path.join(app.root, file), 'utf8')

describe.each(['ts', 'js'] as const)('a fresh Redwood 8.9 app in %s', (language) => {
  let app: App
  let before: Record<string, string>
  beforeAll(async () => {
    app = await redwoodApp({ language })
    await underGit(app)
    await chmod(path.join(app.root, '.env'), 0o600)
    await must('git', ['add', '-A'], { cwd: app.root })
    await must('git', [...AUTHOR, 'commit', '-qm', 'A fresh app'], { cwd: app.root })
    before = await fingerprint(app.root)
  })
  afterAll(() => app.dispose())

  if (language === 'ts') it('shows the plan that the README shows', showsTheReadme)

  async function showsTheReadme() {
    const env = {
      ...registry.env,
      POOLING_DATABASE_URL: INPUTS.supabase.POOLING_DATABASE_URL!,
      REDWOOD_POOLING_INVOCATION: 'yarn rw setup pooling',
    }
    const args = ['--yes', '--package', PACKAGE, 'rw-pooling', 'supabase', '--dry-run']
    const { stdout } = await app.must('npx', args, { env })
    const readme = await readFile(README, 'utf8')
    expect(/<!-- dry-run -->\n```\n([\s\S]*?)```\n<!-- \/dry-run -->/.exec(readme)?.[1]).toBe(stdout)
  }

  it.each(SIX)('goes to %s, passes Prisma, and comes back byte for byte', async (provider) => {
    const env = { ...registry.env, ...INPUTS[provider] }
    const args = ['--yes', '--package', PACKAGE, 'rw-pooling', provider, '--yes', '--json', ...flagsFor(provider)]
    const applied = await app.must('npx', args, { env })
    const document = JSON.parse(applied.stdout)
    expect(document).toMatchObject({ schemaVersion: 1, status: 'applied', provider, refusals: [] })
    expect(document.app).toEqual({
      framework: 'redwood',
      version: '8.9.0',
      prisma: '5.20.0',
      packageManager: 'yarn',
    })
    expect(document.commands.map(({ status }: { status: string }) => status)).not.toContain('failed')
    expect(applied.all).not.toContain(PASSWORD)
    expect((await stat(path.join(app.root, '.redwood/pooling'))).mode & 0o777).toBe(0o700)

    const schema = await text(app, 'api/db/schema.prisma')
    expect(schema).toMatch(/provider += +"postgresql"/)
    await app.must('yarn', ['rw', 'prisma', 'validate', '--schema', 'api/db/schema.prisma'], {
      env: { DATABASE_URL: 'postgresql://h/d', DIRECT_URL: 'postgresql://h/d' },
    })

    const again = await app.must('npx', args, { env })
    expect(JSON.parse(again.stdout)).toMatchObject({ status: 'unchanged', files: [] })

    await app.must('npx', ['--yes', '--package', PACKAGE, 'rw-pooling', 'undo', '--yes', '--json'], {
      env: registry.env,
    })
    expect(await fingerprint(app.root)).toEqual(before)
  })
})

describe('the four doors', () => {
  let app: App
  beforeAll(async () => {
    app = await redwoodApp({ language: 'ts' })
    await underGit(app)
  })
  afterAll(() => app.dispose())

  const env = () => ({ ...registry.env, ...INPUTS.supabase })

  it('`rw setup package`, with nothing installed', async () => {
    const { all } = await app.must(
      'yarn',
      ['rw', 'setup', 'package', PACKAGE, '--force', '--', 'supabase', '--dry-run'],
      { env: env() },
    )
    expect(all).toContain('api/db/schema.prisma')
    expect(all).not.toContain(PASSWORD)
  })

  it('`rw @redwood-pooling setup pooling`, once installed and listed in redwood.toml', async () => {
    const before = await fingerprint(app.root)
    await app.must('yarn', ['add', '-D', PACKAGE], { env: env() })
    const toml = await text(app, 'redwood.toml')
    await writeFile(
      path.join(app.root, 'redwood.toml'),
      `${toml}\n[experimental.cli]\n  autoInstall = false\n[[experimental.cli.plugins]]\n  package = "${PACKAGE}"\n`,
    )
    const { stdout } = await app.must(
      'yarn',
      ['rw', '@redwood-pooling', 'setup', 'pooling', 'supabase', '--dry-run', '--json'],
      { env: env() },
    )
    expect(JSON.parse(stdout.slice(stdout.indexOf('{')))).toMatchObject({
      status: 'planned',
      provider: 'supabase',
    })
    await app.reset()
    await underGit(app)
    expect(await fingerprint(app.root)).toEqual(before)
  })

  it('`rw setup pooling` after `register`, from the root and from api/', async () => {
    await app.must('npx', ['--yes', PACKAGE, 'register', '--yes'], { env: env() })
    for (const cwd of [app.root, path.join(app.root, 'api')]) {
      const { stdout } = await app.must('yarn', ['rw', 'setup', 'pooling', 'supabase', '--dry-run', '--json'], {
        env: env(),
        cwd,
      })
      expect(JSON.parse(stdout)).toMatchObject({ status: 'planned', provider: 'supabase' })
    }
  })

  it('from a clone, by the lines that README has for it', async () => {
    await app.reset()
    await underGit(app)
    const readme = await readFile(README, 'utf8')
    const block = /<!-- from-tarball -->\n```\n([\s\S]*?)\n```/.exec(readme)![1]!
    const tarball = path.join(app.root, /\.\.\/\S+?\.tgz/.exec(block)![0])
    await copyFile(await packCli(), tarball)
    try {
      for (const line of block.split('\n')) await app.must('sh', ['-c', `${line} --yes`], { env: env() })
    } finally {
      await rm(tarball)
    }
    expect(await text(app, 'api/db/schema.prisma')).toContain('directUrl = env("DIRECT_URL")')
    const { stdout } = await app.must('yarn', ['rw', 'setup', 'pooling', 'supabase', '--yes', '--json'], { env: env() })
    expect(JSON.parse(stdout)).toMatchObject({ status: 'unchanged', provider: 'supabase' })
  })
})
