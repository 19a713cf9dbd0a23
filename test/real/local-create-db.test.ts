import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { run } from '../../src/base/run.ts'
import { createTemporary } from '../../src/provision/temporary.ts'
import { cleanEnv } from './support/process.ts'

const DIRECT = 'postgres://user:pass@db.prisma.io:5432/postgres?sslmode=require'

/** What the service behind create-db would be asked, and what it answers to `/create`. */
const requests: { path: string; body: Record<string, unknown> }[] = []
let answer: { status: number; body: unknown }
let base: string

const service = createServer(async (request, response) => {
  let text = ''
  for await (const chunk of request) text += chunk
  requests.push({ path: request.url ?? '', body: text === '' ? {} : JSON.parse(text) })
  const regions = ['us-east-1', 'eu-central-1'].map((id) => ({ id, status: 'available' }))
  const { status, body } =
    request.url === '/create' ? answer : { status: 200, body: request.url === '/regions' ? regions : {} }
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
})

const scratch = mkdtempSync(path.join(tmpdir(), 'local-create-db-'))

beforeAll(async () => {
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(service.address() as AddressInfo).port}`
})
afterEach(() => requests.splice(0))
afterAll(() => {
  service.close()
  rmSync(scratch, { recursive: true, force: true })
})

const create = (env: Record<string, string> = {}) =>
  createTemporary({
    run,
    env: { ...cleanEnv(), CREATE_DB_WORKER_URL: base, CLAIM_DB_WORKER_URL: base, ...env },
    hoursEast: 1,
    onProgress: () => {},
  })

it('has the real create-db make a database', async () => {
  const connections = [{ endpoints: { direct: { connectionString: DIRECT } } }]
  const database = { name: 'x', region: { id: 'eu-central-1' }, connections }
  answer = { status: 200, body: { data: { id: 'proj_1', database } } }
  const made = await create()
  expect(made).toMatchObject({
    direct: DIRECT,
    pooled: DIRECT.replace('db.prisma.io', 'pooled.db.prisma.io'),
    comments: [expect.anything(), `# ${base}/claim?projectID=proj_1&utm_source=create-db&utm_medium=cli`],
    region: 'eu-central-1',
  })
  const hours = (Date.parse(made.expires) - Date.now()) / 3_600_000
  expect(hours).toBeGreaterThan(23.9)
  expect(hours).toBeLessThanOrEqual(24)
  expect(requests.find(({ path }) => path === '/create')?.body).toMatchObject({ region: 'eu-central-1' })
})

it('chooses the region by the clock, so that create-db asks nobody where this machine is', async () => {
  answer = { status: 429, body: {} }
  await expect(create()).rejects.toMatchObject({ code: 'create-db-failed' })
  expect(requests.find(({ path }) => path === '/create')?.body).toMatchObject({ region: 'eu-central-1' })
  const told = requests.filter(({ path }) => path === '/analytics').map(({ body }) => body)
  expect(told).toContainEqual(
    expect.objectContaining({
      eventName: 'create_db:region_selected',
      properties: expect.objectContaining({ 'selection-method': 'flag' }),
    }),
  )
})

it("neither reads nor writes the app's .env", async () => {
  const app = path.join(scratch, 'app')
  const file = path.join(app, '.env')
  const text = 'PRISMA_ACTOR_NAME=me\nPRISMA_ACTOR_PROJECT=secret-project\nCREATE_DB_WORKER_URL=http://127.0.0.1:9\n'
  mkdirSync(app)
  writeFileSync(file, text)
  const before = process.cwd()
  process.chdir(app)
  try {
    answer = { status: 429, body: {} }
    await expect(create()).rejects.toMatchObject({ code: 'create-db-failed' })
  } finally {
    process.chdir(before)
  }
  expect(JSON.stringify(requests)).not.toContain('secret-project')
  expect(readFileSync(file, 'utf8')).toBe(text)
  expect(existsSync(path.join(app, 'node_modules'))).toBe(false)
})

it("repeats the service's reason", async () => {
  answer = { status: 500, body: { error: { message: 'No capacity left' } } }
  await expect(create()).rejects.toMatchObject({
    code: 'create-db-failed',
    message: expect.stringContaining('No capacity left'),
  })
})

it('says when the service cannot be reached', async () => {
  const nowhere = { CREATE_DB_WORKER_URL: 'http://127.0.0.1:9' }
  await expect(create(nowhere)).rejects.toMatchObject({ code: 'offline' })
})

it('says when npx cannot bring create-db, or is not there', async () => {
  const noRegistry = {
    npm_config_registry: 'http://127.0.0.1:9',
    npm_config_cache: path.join(scratch, 'npm'),
  }
  await expect(create(noRegistry)).rejects.toMatchObject({ code: 'offline' })
  await expect(create({ PATH: path.join(scratch, 'nothing') })).rejects.toMatchObject({
    code: 'npm-missing',
  })
})
