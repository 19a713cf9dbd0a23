import { afterEach, describe, expect, it } from 'vitest'
import { CEDAR_2, CEDAR_5, type Files, REDWOOD_7_POSTGRES, type TestApp, testApp } from '../support/apps.ts'
import { cli } from '../support/cli.ts'
import { INPUTS } from '../support/inputs.ts'
import { pairs } from '../support/sampling.ts'

let app: TestApp
afterEach(() => app.dispose())

const OLD = 'postgresql://old:pw@old.example.com:5432/old'
const NEAR = 'postgresql://postgres:pw@db:5432/dev'

/** A deploy file, and where the value comes from that it gives the app: the file itself, or the host. */
const FILES: [string, string, 'file' | 'host'][] = [
  [
    'render.yaml',
    'services:\n  - type: web\n    envVars:\n      - key: DATABASE_URL\n        fromDatabase:\n          name: app-db\n          property: connectionString\n',
    'file',
  ],
  [
    'render.yaml',
    '      - key: DATABASE_URL\n        fromService:\n          name: pg\n          type: pserv\n',
    'file',
  ],
  ['render.yaml', `      - key: DATABASE_URL\n        value: ${OLD}\n`, 'file'],
  ['render.yaml', '      - key: DATABASE_URL\n        sync: false\n      - key: X\n        value: y\n', 'host'],
  [
    'flightcontrol.json',
    '{ "envVariables": {\n  "DATABASE_URL": {\n    "fromService": { "id": "db", "value": "dbConnectionString" }\n  }\n} }\n',
    'file',
  ],
  ['flightcontrol.json', '{ "envVariables": { "DATABASE_URL": { "fromParameterStore": "x" } } }\n', 'host'],
  ['.do/app.yaml', `  envs:\n  - key: DATABASE_URL\n    scope: RUN_TIME\n    value: \${db.DATABASE_URL}\n`, 'file'],
  ['fly.toml', `[env]\n  DATABASE_URL = "${OLD}"\n`, 'file'],
  ['netlify.toml', `[context.production.environment]\n  DATABASE_URL = "${OLD}"\n`, 'file'],
  ['docker-compose.prod.yml', `    environment:\n      - DATABASE_URL=${NEAR}\n`, 'file'],
  ['compose.yaml', `    environment:\n      DATABASE_URL: ${OLD}\n`, 'file'],
  ['compose.yaml', `    environment:\n      DATABASE_URL: \${DATABASE_URL}\n`, 'host'],
  ['compose.yaml', `    environment:\n      - DATABASE_URL=\${DATABASE_URL:-${NEAR}}\n`, 'host'],
  ['compose.yaml', '    environment:\n      - DATABASE_URL\n', 'host'],
  ['Dockerfile', 'FROM node:20\nARG DATABASE_URL\n', 'host'],
  ['Dockerfile', `FROM node:20\nENV DATABASE_URL=${OLD}\n`, 'file'],
  [
    '.github/workflows/ci.yml',
    `    env:\n      DATABASE_URL: ${NEAR}\n    run: yarn rw prisma migrate deploy\n`,
    'file',
  ],
  [
    '.github/workflows/deploy.yml',
    `    env:\n      DATABASE_URL: \${{ secrets.DATABASE_URL }}\n    steps:\n      - run: yarn rw deploy\n`,
    'host',
  ],
  ['serverless.yml', `provider:\n  environment:\n    DATABASE_URL: \${env:DATABASE_URL}\n`, 'host'],
]

/** Which database the app and its migrations are on, for who does each step as it says, in its order. */
function afterSteps(steps: readonly string[], path: string, from: 'file' | 'host', direct: string) {
  const file = { runtime: from === 'file' ? 'old' : null, direct: null as string | null }
  const host: Record<string, string> = {}
  const states: { app: string | undefined; migrations: string | undefined }[] = []
  for (const step of steps) {
    const isOfFile = step.includes(path)
    if (isOfFile && /take .* out/i.test(step)) file.runtime = null
    else if (isOfFile && /to the same database/.test(step)) file.direct = file.runtime ?? 'new'
    else if (isOfFile && step.includes(`add ${direct} beside it`)) file.direct = 'new'
    const set = /^Before the next deploy, set (.+?) for production alone/.exec(step)?.[1] ?? ''
    for (const name of set.match(/\w+_URL/g) ?? []) host[name] = 'new'
    states.push({ app: file.runtime ?? host.DATABASE_URL, migrations: file.direct ?? host[direct] })
  }
  return states.at(-1)!
}

const APPS: [string, Files, string][] = [
  ['Redwood with Prisma 5', REDWOOD_7_POSTGRES, 'DIRECT_URL'],
  ['Cedar with Prisma 7', CEDAR_5, 'DIRECT_DATABASE_URL'],
]

describe('the steps, done to the letter', () => {
  it.each(pairs(FILES, APPS))('leave app and migrations on one database: %j', async (file, [, files, direct]) => {
    const [path, text, from] = file
    app = testApp({ ...files, [path]: text })
    const { json } = await cli(['neon', '--yes', '--dry-run', '--json'], { cwd: app.root, env: INPUTS.neon })
    const { app: runtime, migrations } = afterSteps(json().next, path, from, direct)
    expect({ runtime, migrations }).toEqual({ runtime: migrations, migrations: runtime })
  })
})

it('tells what wins over the host before anything is set there', async () => {
  app = testApp({ ...REDWOOD_7_POSTGRES, 'render.yaml': FILES[0]![1] })
  const { json } = await cli(['neon', '--yes', '--dry-run', '--json'], { cwd: app.root, env: INPUTS.neon })
  const next = json().next
  const wins = next.findIndex((step) => step.startsWith("render.yaml takes DATABASE_URL from Render's own database"))
  expect(wins).toBeGreaterThanOrEqual(0)
  expect(wins).toBeLessThan(next.findIndex((step) => /^Before the next deploy, set/.test(step)))
})

it('keeps what already leads to the database of the plan', async () => {
  const url = INPUTS.neon.POOLING_DATABASE_URL!
  app = testApp({ ...REDWOOD_7_POSTGRES, 'fly.toml': `[env]\n  DATABASE_URL = "${url}"\n` })
  const { json } = await cli(['neon', '--yes', '--dry-run', '--json'], { cwd: app.root, env: INPUTS.neon })
  expect(json().next.join('\n')).not.toMatch(/take it out|take that/i)
})

it('says what migrations do without the direct variable', async () => {
  const why = async (files: typeof CEDAR_5, name: string) => {
    app = testApp(files)
    const { json } = await cli(['neon', '--yes', '--dry-run', '--json'], { cwd: app.root, env: INPUTS.neon })
    app.dispose()
    return json().hostEnv.find((variable) => variable.name === name)?.why
  }
  expect(await why(REDWOOD_7_POSTGRES, 'DIRECT_URL')).toBe('prisma migrate deploy fails without it')
  expect(await why(CEDAR_2, 'DIRECT_URL')).toBe('prisma migrate deploy fails without it')
  expect(await why(CEDAR_5, 'DIRECT_DATABASE_URL')).toBe('without it, prisma migrate deploy goes through the pooler')
})
