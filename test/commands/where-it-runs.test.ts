import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { type Files, REDWOOD_7_POSTGRES, type TestApp, testApp } from '../support/apps.ts'
import { cli } from '../support/cli.ts'
import { INPUTS } from '../support/inputs.ts'

let app: TestApp
afterEach(() => app.dispose())

const planned = async (files: Files, above: Files = {}) => {
  const all = Object.entries({ ...REDWOOD_7_POSTGRES, ...files }).map(([path, text]) => [`apps/shop/${path}`, text])
  app = testApp(Object.fromEntries(all))
  // What is above the app counts up to the repository's root; git itself needs not be asked without it.
  const outside: Files = Object.keys(above).length > 0 ? { '.git/HEAD': '', ...above } : {}
  for (const [path, text] of Object.entries(outside)) {
    mkdirSync(dirname(join(app.root, path)), { recursive: true })
    writeFileSync(join(app.root, path), text)
  }
  const args = ['supabase', '--yes', '--dry-run', '--json']
  const { json } = await cli(args, { cwd: join(app.root, 'apps/shop'), env: INPUTS.supabase })
  return json()
}

const SERVERLESS = /connection_limit=1\b/
const limitOf = async (...files: Parameters<typeof planned>) => (await planned(...files)).env[0]!.value

describe('a server is', () => {
  it.each<[string, Files, Files?]>([
    ['a Dockerfile alone', { Dockerfile: 'FROM node:20\n' }],
    ["a side's Dockerfile", { 'api/Dockerfile': 'FROM node:20\n' }],
    ['PM2', { 'ecosystem.config.js': 'module.exports = { apps: [] }\n' }],
    ['App Engine', { 'app.yaml': 'runtime: nodejs20\n' }],
    ['Render above the app', {}, { 'render.yaml': 'services: []\n' }],
    ['a Dockerfile above the app', {}, { 'apps/Dockerfile': 'FROM node:20\n' }],
  ])('%s', async (_what, files, above) => {
    expect(await limitOf(files, above)).not.toMatch(SERVERLESS)
  })
})

describe('not a server is', () => {
  it.each<[string, Files, Files?]>([
    ['nothing', {}],
    ['a Dockerfile beside netlify.toml', { Dockerfile: 'FROM node:20\n', 'netlify.toml': '' }],
    ['a workflow', { '.github/workflows/ci.yml': 'on: push\n' }],
    ['a database for development', { 'compose.yaml': 'services:\n  db:\n    image: postgres:17\n' }],
    ['another YAML called app', { 'app.yaml': 'title: Shop\n' }],
  ])('%s', async (_what, files, above) => {
    expect(await limitOf(files, above)).toMatch(SERVERLESS)
  })
})

it('says what a deploy file above the app sets', async () => {
  const { next } = await planned({}, { 'fly.toml': '[env]\n  DATABASE_URL = "postgresql://a:b@old.example.com/old"\n' })
  expect(next.join('\n')).toContain('../../fly.toml sets DATABASE_URL to a fixed URL')
})

describe('GitHub Actions', () => {
  const workflow = (run: string) => ({
    '.github/workflows/ci.yml': `on: push\njobs:\n  x:\n    steps:\n      # deploy\n      - run: ${run}\n`,
  })

  it.each(['yarn rw lint', 'yarn rw test', 'yarn build'])('need no secret to %s', async (run) => {
    expect((await planned(workflow(run))).next.join('\n')).not.toContain('gh secret')
  })

  it.each(['yarn rw deploy baremetal', 'yarn rw prisma migrate deploy'])('need one to %s', async (run) => {
    expect((await planned(workflow(run))).next.join('\n')).toContain('gh secret set DIRECT_URL --env production')
  })
})

describe('an env file', () => {
  const url = 'DATABASE_URL=postgresql://a:b@old.example.com/old\n'
  const overriding = async (files: Files) =>
    (await planned(files)).warnings.filter(({ code }) => code === 'env-file-overrides').map(({ message }) => message)

  it.each(['.env.bak', '.env.dist', '.env.defaults.jinja', '.env.old', '.env.example'])(
    '%s is no environment',
    async (path) => {
      expect(await overriding({ [path]: url })).toEqual([])
    },
  )

  it('for production wins over the host as well', async () => {
    expect((await overriding({ '.env.production': url })).join()).toMatch(/on the host/)
    app.dispose()
    expect((await overriding({ '.env.staging': url })).join()).not.toMatch(/on the host/)
  })

  it('with a password that git has is told', async () => {
    const { warnings } = await planned({ '.env.defaults': url })
    expect(warnings.find(({ code }) => code === 'committed-secret')?.message).toMatch(/^\.env\.defaults:1: /)
  })
})
