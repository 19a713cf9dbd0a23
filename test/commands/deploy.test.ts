import { afterEach, describe, expect, it } from 'vitest'
import { deployFiles, scaleOf } from '../../src/app/deploy.ts'
import { HOSTS } from '../../src/app/hosts.ts'
import { readSnapshot } from '../../src/app/snapshot.ts'
import { CEDAR_5, type Files, REDWOOD_7_POSTGRES, type TestApp, testApp } from '../support/apps.ts'
import { cli } from '../support/cli.ts'
import { INPUTS } from '../support/inputs.ts'

describe('how much runs, as a deploy file says', () => {
  it.each<[string, string, { instances: number } | null]>([
    ['render.yaml', 'services:\n  - type: web\n    name: api\n    numInstances: 3\n', { instances: 3 }],
    ['render.yaml', '    scaling:\n      minInstances: 1\n      maxInstances: 5\n', { instances: 5 }],
    ['.do/app.yaml', 'services:\n- instance_count: 2\n  name: api\n', { instances: 2 }],
    ['fly.toml', "min_machines_running = 2\n\n[[vm]]\n  cpu_kind = 'shared'\n  cpus = 8\n", { instances: 2 }],
    ['fly.toml', 'min_machines_running = 0\n', null],
    ['app.json', '{ "formation": { "web": { "quantity": 4 } } }', { instances: 4 }],
    ['railway.json', '{ "deploy": { "numReplicas": 2 } }', { instances: 2 }],
    ['flightcontrol.json', '{ "cpu": 2, "minInstances": 1, "maxInstances": 6 }', { instances: 6 }],
    ['serverless.yml', 'functions:\n  api:\n    reservedConcurrency: 50\n', { instances: 50 }],
    ['api/serverless.yaml', 'functions:\n  api:\n    reservedConcurrency: 50\n', { instances: 50 }],
    [
      'deploy.toml',
      '[[production.servers]]\nhost = "a"\n[[production.servers]]\nhost = "b"\n[[staging.servers]]\n',
      { instances: 2 },
    ],
    ['deploy.toml', '# [[production.servers]]\n', null],
    ['render.yaml', '# numInstances: 3\n', null],
    ['netlify.toml', 'instances = 3\n', null],
  ])('%s: %j', (path, text, expected) => {
    expect(scaleOf(deployFiles(new Map([[path, text]])))).toEqual(expected && { path, ...expected })
  })
})

/** A file that shows each host. */
const SHOWN_BY: Record<string, string> = {
  Netlify: 'netlify.toml',
  Vercel: 'vercel.json',
  Render: 'render.yaml',
  Flightcontrol: 'flightcontrol.json',
  'Fly.io': 'fly.toml',
  Heroku: 'Procfile',
  'your own server': 'deploy.toml',
  'DigitalOcean App Platform': '.do/app.yaml',
  Railway: 'railway.json',
  'AWS Lambda': 'serverless.yml',
  SST: 'sst.config.ts',
  Coherence: 'coherence.yml',
  'App Engine': 'app.yaml',
  PM2: 'ecosystem.config.js',
  Docker: 'Dockerfile',
  'Docker Compose': 'compose.yaml',
  'GitHub Actions': '.github/workflows/ci.yml',
}
const TEXT = 'runtime: nodejs\n- run: yarn rw deploy\n'

let app: TestApp | undefined
afterEach(() => app?.dispose())

it('every host is told by its file', () => {
  for (const { name } of HOSTS) {
    app = testApp({ ...CEDAR_5, [SHOWN_BY[name] ?? 'no file of this host is known here']: TEXT })
    expect(deployFiles(readSnapshot(app.root).files).map(({ host }) => host.name)).toEqual([name])
    app.dispose()
  }
})

describe('what follows from it', () => {
  const render = 'services:\n  - type: web\n    name: api\n    numInstances: 3\n'

  it('is the size of the pool, with the file that it is from', async () => {
    app = testApp({ ...REDWOOD_7_POSTGRES, 'render.yaml': render })
    const { stdout } = await cli(['supabase', '--yes', '--dry-run'], {
      cwd: app.root,
      env: INPUTS.supabase,
    })
    expect(stdout).toContain('connection_limit=3')
    expect(stdout.replace(/\s+/g, ' ')).toContain('(4 CPUs x 2 + 1) / 3 instances (render.yaml)')
  })

  it('is overruled by a flag, and does not count for another kind of host', async () => {
    app = testApp({ ...REDWOOD_7_POSTGRES, 'render.yaml': render })
    const { root } = app
    const run = async (...flags: string[]) =>
      (await cli(['supabase', '--yes', '--dry-run', ...flags], { cwd: root, env: INPUTS.supabase })).stdout
    expect(await run('--instances=2')).toContain('connection_limit=4')
    expect(await run('--runtime=serverless')).not.toContain('render.yaml)')
  })
})

describe('what is left to do on the host', () => {
  const steps = async (files: Files, args: string[] = []) => {
    app = testApp({ ...REDWOOD_7_POSTGRES, ...files })
    const run = await cli(['supabase', '--yes', '--dry-run', '--json', ...args], {
      cwd: app.root,
      env: INPUTS.supabase,
    })
    return run.json().next
  }
  const indexOf = (next: readonly string[], pattern: RegExp) => next.findIndex((step) => pattern.test(step))

  it.each<[string, Files, RegExp, RegExp]>([
    [
      'Netlify',
      { 'netlify.toml': '[build]\n  command = "yarn rw deploy netlify"\n' },
      /\[context\.deploy-preview\] and \[context\.branch-deploy\].*yarn rw deploy netlify --no-prisma --no-data-migrate/,
      /\. Netlify: .*DIRECT_URL.*Production/,
    ],
    [
      'Vercel',
      { 'vercel.json': '{}\n' },
      /if \[ "\$VERCEL_ENV" = production \]; then yarn rw deploy vercel; else yarn rw deploy vercel --no-prisma --no-data-migrate; fi/,
      /\. Vercel: vercel env add DIRECT_URL production$/m,
    ],
    ['Render', { 'render.yaml': 'services: []\n' }, /\$IS_PULL_REQUEST/, /\. Render: .*production.*DIRECT_URL/],
  ])('keeps the previews of %s away from production first', async (host, files, off, set) => {
    const next = await steps(files)
    const previews = indexOf(
      next,
      /^Previews on .*migrate.*restrict DATABASE_URL to production.*then give previews DIRECT_URL/,
    )
    expect(next[previews]).toContain(host)
    expect(next[previews]).toMatch(off)
    expect(next.slice(0, previews).filter((step) => !/move by itself|^pg_|no tables yet/.test(step))).toEqual([])
    expect(indexOf(next, set)).toBeGreaterThan(previews)
  })

  it('names the framework of the app', async () => {
    app = testApp({ ...CEDAR_5, 'netlify.toml': '' })
    const { json } = await cli(['neon', '--yes', '--dry-run', '--json'], {
      cwd: app.root,
      env: INPUTS.neon,
    })
    expect(json().next.join('\n')).toContain('yarn cedar deploy netlify --no-prisma --no-data-migrate')
  })

  it('says nothing of previews where there are none', async () => {
    expect((await steps({ 'fly.toml': '' })).join('\n')).not.toMatch(/review/)
  })

  it('says once where to set the variables, and of each why', async () => {
    const set = (await steps({})).filter((step) => step.startsWith('Before the next deploy'))
    expect(set).toEqual([
      expect.stringMatching(/set DIRECT_URL and DATABASE_URL for .*:\nDIRECT_URL: .*\nDATABASE_URL: .*$/),
    ])
  })

  it('never puts a value into an argument', async () => {
    const next = await steps(Object.fromEntries(Object.values(SHOWN_BY).map((path) => [path, TEXT])))
    for (const { name, set } of HOSTS) if (set) expect(next.join('\n')).toContain(`${name}: `)
    expect(next.filter((step) => /<value>|_URL=/.test(step))).toEqual([])
    expect(next.join('\n')).toContain('gh secret set DIRECT_URL --env production')
  })

  it('adds the direct variable to what production alone reads', async () => {
    const next = await steps({ 'netlify.toml': '[context.production.environment]\n  DATABASE_URL = "x"\n' })
    expect(next.join('\n')).toContain(
      'netlify.toml:2 sets DATABASE_URL alone: add DIRECT_URL beside it, for production alone.',
    )
  })

  it('gives the line to paste where the variable is handed on by its name', async () => {
    const entry = (name: string) => `"${name}": "\${${name}}",`
    const next = await steps({ 'flightcontrol.json': `{\n  "env": {\n    ${entry('DATABASE_URL')}\n  }\n}\n` })
    const step = `flightcontrol.json:3 sets DATABASE_URL alone: add \`${entry('DIRECT_URL')}\` beside it`
    expect(next.join('\n')).toContain(step)
  })

  it('gives no line to paste that holds anything else', async () => {
    const env = { DATABASE_URL: '$' + '{DATABASE_URL}', API_SECRET: 'hunter2' }
    const next = await steps({ 'flightcontrol.json': JSON.stringify({ env }) })
    expect(next.join('\n')).toContain('flightcontrol.json:1 sets DATABASE_URL alone: add DIRECT_URL beside it')
    expect(next.join('\n')).not.toContain('hunter2')
  })
})
