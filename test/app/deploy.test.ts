import { afterEach, describe, expect, it } from 'vitest'
import { scaleOf } from '../../src/app/deploy.ts'
import { REDWOOD_7_POSTGRES, type TestApp, testApp } from '../support/apps.ts'
import { cli } from '../support/cli.ts'
import { INPUTS } from '../support/inputs.ts'

describe('how much runs, as a deploy file says', () => {
  it.each<[string, string, { instances?: number; cpus?: number } | null]>([
    ['render.yaml', 'services:\n  - type: web\n    name: api\n    numInstances: 3\n', { instances: 3 }],
    ['render.yaml', '    scaling:\n      minInstances: 1\n      maxInstances: 5\n', { instances: 5 }],
    ['.do/app.yaml', 'services:\n- instance_count: 2\n  name: api\n', { instances: 2 }],
    [
      'fly.toml',
      "min_machines_running = 2\n\n[[vm]]\n  cpu_kind = 'shared'\n  cpus = 8\n",
      { instances: 2, cpus: 8 },
    ],
    ['fly.toml', 'min_machines_running = 0\n', null],
    ['app.json', '{ "formation": { "web": { "quantity": 4 } } }', { instances: 4 }],
    ['railway.json', '{ "deploy": { "numReplicas": 2 } }', { instances: 2 }],
    ['flightcontrol.json', '{ "cpu": 2, "minInstances": 1, "maxInstances": 6 }', { instances: 6, cpus: 2 }],
    ['serverless.yml', 'functions:\n  api:\n    reservedConcurrency: 50\n', { instances: 50 }],
    [
      'deploy.toml',
      '[[production.servers]]\nhost = "a"\n[[production.servers]]\nhost = "b"\n[[staging.servers]]\n',
      { instances: 2 },
    ],
    ['deploy.toml', '# [[production.servers]]\n', null],
    ['render.yaml', '# numInstances: 3\n', null],
    ['netlify.toml', 'instances = 3\n', null],
  ])('%s: %j', (path, text, expected) => {
    expect(scaleOf(new Map([[path, text]]))).toEqual(expected && { path, ...expected })
  })
})

let app: TestApp | undefined
afterEach(() => app?.dispose())

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
