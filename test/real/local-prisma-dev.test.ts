import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, describe, expect, it } from 'vitest'
import { run } from '../../src/base/run.ts'
import { connect } from '../../src/live/connect.ts'
import { type LocalOptions, ownServers, startLocal, stopServers } from '../../src/provision/local.ts'
import { type NodeMajor, nodeBin } from './support/nodes.ts'
import { prismaEngines } from './support/prisma-engines.ts'
import { cleanEnv, must } from './support/process.ts'
import { requireFile } from './support/server.ts'
import { cached, workDir } from './support/work.ts'

const scratch = await mkdtemp(path.join(tmpdir(), 'local-prisma-dev-'))

/** In the names of all servers of this run, by which their processes are found. */
const tag = `real${process.pid}`

const env = (major: NodeMajor) => ({
  ...cleanEnv(),
  XDG_CACHE_HOME: path.join(workDir, 'cache'),
  XDG_DATA_HOME: path.join(scratch, `data-${major}`),
})

const dataFolders = (major: NodeMajor, app: string): string[] => {
  const folder = path.join(scratch, `data-${major}`, 'prisma-dev-nodejs')
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith(`${app}-${tag}`)) : []
}

/** Lines of `ps`, with the process id in front. */
const processesOf = (app: string): string[] =>
  execFileSync('ps', ['-eww', '-o', 'pid=,args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes('daemon.cjs') && line.includes(app === '' ? tag : `${app}-${tag}`))

async function options(major: NodeMajor, app: string): Promise<LocalOptions & { env: NodeJS.ProcessEnv }> {
  const appRoot = path.join(scratch, app)
  await mkdir(appRoot, { recursive: true })
  return {
    appRoot,
    appName: `${app}-${tag}`,
    run,
    env: env(major),
    onProgress: () => {},
    node: path.join(await nodeBin(major), 'node'),
    clock: Date.now,
    connect,
    invocation: 'rw-pooling',
  }
}

async function query<Row extends object>(url: string, text: string, values: unknown[] = []): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 20_000 })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query<Row>(text, values)).rows
  } finally {
    await client.end()
  }
}

const refuses = (url: string) =>
  query(url, 'select 1').then(
    () => false,
    (error: { code?: string }) => error.code === 'ECONNREFUSED',
  )

/** As `pooling local stop` does. */
async function halt(start: LocalOptions): Promise<void> {
  await stopServers(await ownServers(start), start)
}

const pidOf = async (name: string, major: NodeMajor): Promise<number> => {
  const file = path.join(scratch, `data-${major}`, 'prisma-dev-nodejs', name, 'server.json')
  return (JSON.parse(await readFile(file, 'utf8')) as { pid: number }).pid
}

/** A project on Prisma 7 with one model, generated and ready to run. */
const prisma7 = () =>
  cached('prisma-7-client/2', async (dir) => {
    await writeFile(path.join(dir, 'package.json'), '{ "private": true, "type": "module" }\n')
    const packages = ['prisma', '@prisma/client', '@prisma/adapter-pg'].map((name) => `${name}@7.8.0`)
    await must('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', ...packages], { cwd: dir })
    await writeFile(
      path.join(dir, 'schema.prisma'),
      [
        'generator client {\n  provider = "prisma-client-js"\n}',
        'datasource db {\n  provider = "postgresql"\n}',
        'model Post {\n  id Int @id @default(autoincrement())\n  title String\n}\n',
      ].join('\n'),
    )
    await writeFile(
      path.join(dir, 'prisma.config.ts'),
      [
        "import { defineConfig } from 'prisma/config'",
        "export default defineConfig({ schema: 'schema.prisma', datasource: { url: process.env.DATABASE_URL } })\n",
      ].join('\n'),
    )
    await must('npx', ['prisma', 'generate'], { cwd: dir, env: (await prismaEngines()).cli })
    await writeFile(
      path.join(dir, 'ask.mjs'),
      [
        "import { PrismaPg } from '@prisma/adapter-pg'",
        "import { PrismaClient } from '@prisma/client'",
        'const adapter = new PrismaPg({ connectionString: process.env.DATABASE_URL, max: 3 })',
        'const db = new PrismaClient({ adapter })',
        "const titles = Array.from({ length: 25 }, (_, at) => process.argv[2] + ' ' + at)",
        'const posts = await Promise.all(titles.map((title) => db.post.create({ data: { title } })))',
        'const wrong = posts.filter((post, at) => post.title !== titles[at])',
        'const both = await db.$transaction(async (tx) => {',
        "  const { id } = await tx.post.create({ data: { title: 'in a transaction' } })",
        '  return [await tx.post.findUnique({ where: { id } }), await tx.post.count()]',
        '}, { maxWait: 60_000, timeout: 60_000 })',
        'await db.$disconnect()',
        'console.log(JSON.stringify({ wrong: wrong.length, title: both[0].title }))\n',
      ].join('\n'),
    )
  })

afterAll(async () => {
  const left = processesOf('')
  for (const line of left) process.kill(Number.parseInt(line, 10), 'SIGKILL')
  await rm(scratch, { recursive: true, force: true })
  expect(left).toEqual([])
})

describe.each([20, 22, 24] as const)('prisma dev on Node %i', (major) => {
  let servers: Awaited<ReturnType<typeof startLocal>>

  it('comes up for an app that has none, and is found when asked for again', async () => {
    const start = await options(major, 'shop')
    servers = await startLocal(start)
    const again = await startLocal(start)
    expect(again.development).toEqual(servers.development)
    await again.stop()
    expect(processesOf('shop')).toHaveLength(2)
  })

  it('answers a plain client; the two databases are apart', async () => {
    await query(servers.development.url, 'create schema extra create table note (text text)')
    await query(servers.development.url, 'insert into extra.note values ($1)', ['kept'])
    expect(await query(servers.development.url, 'select text from extra.note')).toEqual([{ text: 'kept' }])
    const [row] = await query<{ found: string | null }>(
      servers.test.url,
      "select to_regclass('extra.note')::text as found",
    )
    expect(row).toEqual({ found: null })
  })

  it('answers Prisma 7, and several programs at a time get right answers', async () => {
    const project = await prisma7()
    const node = path.join(await nodeBin(major), 'node')
    const url = servers.development.url
    await must(node, ['node_modules/prisma/build/index.js', 'db', 'push'], {
      cwd: project,
      env: { ...(await prismaEngines()).cli, DATABASE_URL: url },
    })
    const programs = ['a', 'b', 'c', 'd'].map((name) =>
      must(node, ['ask.mjs', name], { cwd: project, env: { DATABASE_URL: url } }),
    )
    for (const { stdout } of await Promise.all(programs))
      expect(JSON.parse(stdout)).toEqual({ wrong: 0, title: 'in a transaction' })
    expect(await query(url, 'select count(*)::int as posts from "Post"')).toEqual([{ posts: 104 }])
  })

  it('stops, is told to be stopped, and starts again where it was; nobody else may read its data', async () => {
    const start = await options(major, 'shop')
    await halt(start)
    expect(processesOf('shop')).toEqual([])
    expect(await refuses(servers.development.url)).toBe(true)
    expect((await ownServers(start)).map(({ status }) => status)).toEqual(['not_running', 'not_running'])
    const again = await startLocal({ ...start, keepsPorts: true })
    expect(again.development).toEqual(servers.development)
    const folder = path.join(scratch, `data-${major}`, 'prisma-dev-nodejs', `shop-${tag}`)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    expect(await query(servers.development.url, 'select text from extra.note')).toEqual([{ text: 'kept' }])
  })

  it('comes back with its data after it was killed', async () => {
    const pid = await pidOf(`shop-${tag}`, major)
    process.kill(pid, 'SIGKILL')
    while (existsSync(`/proc/${pid}`)) await sleep(50)
    const { development } = await startLocal(await options(major, 'shop'))
    expect(await query(development.url, 'select text from extra.note')).toEqual([{ text: 'kept' }])
    await halt(await options(major, 'shop'))
    expect(processesOf('shop')).toEqual([])
  })
})

describe('prisma dev', () => {
  it('is reached from this machine only', async () => {
    const servers = await startLocal(await options(22, 'loopback'))
    const [{ pid }] = processesOf('loopback').map((line) => ({ pid: Number.parseInt(line, 10) })) as [{ pid: number }]
    const listening = execFileSync(requireFile('ss', 'iproute2', ['/usr/bin/ss', '/bin/ss']), ['-ltnpH'], {
      encoding: 'utf8',
    })
      .split('\n')
      .filter((line) => line.includes(`pid=${pid},`))
      .map((line) => line.trim().split(/\s+/)[3])
    expect(listening.length).toBeGreaterThanOrEqual(3)
    for (const address of listening) expect(address).toMatch(/^127\.0\.0\.1:/)
    await servers.stop()
  })

  it('moves to another port when its own was taken, and says so', async () => {
    const start = await options(22, 'port')
    const servers = await startLocal(start)
    await query(servers.development.url, 'create table note (text text)')
    await halt(start)
    const port = Number(new URL(servers.development.url).port)
    const other = createServer().listen(port, '127.0.0.1')
    try {
      await expect(startLocal({ ...start, keepsPorts: true })).rejects.toMatchObject({ code: 'port-taken' })
      expect(processesOf('port')).toEqual([])
      const said: string[] = []
      const moved = await startLocal({ ...start, onProgress: (message) => said.push(message) })
      expect(said.join('\n')).toMatch(new RegExp(`^Port ${port}, where port-${tag} was before, is taken`, 'm'))
      expect(await query(moved.development.url, 'select text from note')).toEqual([])
      await moved.stop()
    } finally {
      other.close()
    }
  })

  it('leaves nothing behind when a run is abandoned', async () => {
    const abandoned = await startLocal(await options(22, 'abandoned'))
    expect(processesOf('abandoned')).toHaveLength(2)
    await abandoned.stop()
    expect(processesOf('abandoned')).toEqual([])
    expect(dataFolders(22, 'abandoned')).toEqual([])
  })

  it.each<[when: string, isSo: (said: string) => boolean]>([
    ['the first server is told to start', (said) => /Starting/.test(said)],
    ['its data appears', () => dataFolders(22, 'ctrl-c').length === 1],
    ['it is up', (said) => /Waiting/.test(said)],
    ['the second one is told to start', (said) => /Starting.*-test/.test(said)],
    ['the data of the second one appears', () => dataFolders(22, 'ctrl-c').length === 2],
    ['both are up', (said) => /Waiting.*-test/.test(said)],
  ])('leaves nothing behind after Ctrl-C when %s', async (_when, isSo) => {
    const controller = new AbortController()
    let said = ''
    const onProgress = (message: string) => {
      said += `${message}\n`
      if (isSo(said)) controller.abort()
    }
    const work = startLocal({ ...(await options(22, 'ctrl-c')), onProgress, signal: controller.signal })
    const watch = setInterval(() => isSo(said) && controller.abort(), 10)
    await expect(work.finally(() => clearInterval(watch))).rejects.toMatchObject({ code: 'interrupted', exitCode: 130 })
    expect(processesOf('ctrl-c')).toEqual([])
    expect(dataFolders(22, 'ctrl-c')).toEqual([])
  })

  it('carries its data from one Node to another', async () => {
    const first = await startLocal(await options(20, 'nodes'))
    await query(first.development.url, 'create table note (text text)')
    await halt(await options(20, 'nodes'))
    const start = { ...(await options(24, 'nodes')), env: env(20) }
    const second = await startLocal(start)
    expect(await query(second.development.url, 'select * from note')).toEqual([])
    await halt(start)
  })

  it('comes up for two apps that start at the same moment', async () => {
    const apps = await Promise.all((['one', 'two'] as const).map(async (app) => startLocal(await options(22, app))))
    const ports = apps.flatMap(({ development, test }) => [development, test].map(({ url }) => new URL(url).port))
    expect(new Set(ports).size).toBe(4)
    for (const { development } of apps) expect(await query(development.url, 'select 1 as one')).toEqual([{ one: 1 }])
    for (const app of apps) await app.stop()
  })

  it('starts without network once it was downloaded', async () => {
    const start = await options(22, 'offline')
    const servers = await startLocal({
      ...start,
      env: { ...start.env, npm_config_registry: 'http://127.0.0.1:9' },
    })
    await servers.stop()
  })

  it('needs the network for the first download, and leaves nothing half done without it', async () => {
    const start = await options(22, 'offline')
    const cache = path.join(scratch, 'empty')
    await mkdir(cache)
    const work = startLocal({
      ...start,
      env: {
        ...start.env,
        XDG_CACHE_HOME: cache,
        npm_config_cache: path.join(scratch, 'npm'),
        npm_config_registry: 'http://127.0.0.1:9',
      },
    })
    await expect(work).rejects.toMatchObject({ code: 'offline' })
    expect(readdirSync(path.join(cache, 'redwood-pooling'))).toEqual([])
  })

  it('needs npm for the first download', async () => {
    const start = await options(22, 'no-npm')
    const cache = path.join(scratch, 'no-npm-cache')
    const work = startLocal({
      ...start,
      env: { ...start.env, XDG_CACHE_HOME: cache, PATH: path.join(scratch, 'nothing') },
    })
    await expect(work).rejects.toMatchObject({ code: 'npm-missing' })
  })

  it('works from a folder whose name has a space', async () => {
    const start = await options(22, 'space')
    const cache = path.join(scratch, 'with space')
    await cp(path.join(workDir, 'cache'), cache, { recursive: true })
    const spaced = { ...start, env: { ...start.env, XDG_CACHE_HOME: cache } }
    const servers = await startLocal(spaced)
    await halt(spaced)
    expect(await refuses(servers.development.url)).toBe(true)
  })
})
