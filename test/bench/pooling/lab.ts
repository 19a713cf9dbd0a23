import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { build } from 'esbuild'
import type { App } from '../../real/support/app.ts'
import { cedarApp } from '../../real/support/cedar-app.ts'
import { type Pgbouncer, startPgbouncer } from '../../real/support/pgbouncer.ts'
import { type Postgres, startPostgres } from '../../real/support/postgres.ts'
import type { Env } from '../../real/support/process.ts'
import { repoRoot } from '../../real/support/work.ts'

const FIXTURES = path.join(repoRoot, 'test/bench/pooling/fixtures')
/** Inside the repository, where `pg` is found. */
const PROGRAM = path.join(repoRoot, 'test/.work', `function-${process.pid}.mjs`)
const USER = 'app'
const PASSWORD = 'a long enough password'

/** One way to connect. */
export interface Setup {
  name: string
  /** The app's db module, as JavaScript; `null` for the driver alone. */
  module: string | null
  /** What PgBouncer runs with; `null` for none. */
  pgbouncer: { ini: string; userlist: string } | null
}

export interface Lab {
  postgres: Postgres
  setups: Setup[]
  /** The program that plays functions, and what it runs in. */
  program: string
  env: Env
  /** `DATABASE_URL`, and the PgBouncer that it leads through. */
  open(setup: Setup): Promise<{ url: string; pgbouncer: Pgbouncer | null; close(): Promise<void> }>
  close(): Promise<void>
}

export async function openLab(): Promise<Lab> {
  const postgres = await startPostgres({ maxConnections: 100, settings: { log_connections: 'off' } })
  const app = await cedarApp({ language: 'ts' })
  const close = async () => {
    await postgres.stop()
    await app.dispose()
    await rm(PROGRAM, { force: true })
  }
  try {
    await makeDatabase(postgres)
    await makeProgram()
    const setups = await makeSetups(app, postgres)
    return { postgres, setups, program: PROGRAM, env: app.env, open: (setup) => open(postgres, setup), close }
  } catch (error) {
    await close()
    throw error
  }
}

const credentials = { user: USER, password: PASSWORD }

/** Without a unique index: a write that came twice would otherwise be an error, and not be seen. */
async function makeDatabase(postgres: Postgres): Promise<void> {
  await postgres.createUser(USER, PASSWORD)
  await postgres.createDatabase(USER)
  const table = 'create table "UserExample" (id serial primary key, email text not null, name text)'
  await postgres.query(`${table}; alter table "UserExample" owner to ${USER}`, USER)
  await postgres.query(`insert into "UserExample" (email) values ('first')`, USER)
}

async function makeSetups(app: App, postgres: Postgres): Promise<Setup[]> {
  const lib = path.join(app.root, 'api/src/lib')
  // The port is the lab's to say; the rest of what the command writes is used as it is.
  const env = {
    POOLING_DATABASE_URL: `postgresql://${USER}:${encodeURIComponent(PASSWORD)}@127.0.0.1:6432/${USER}`,
    POOLING_DIRECT_URL: postgres.url(USER, credentials),
  }
  const command = [path.join(repoRoot, 'dist/bin.js'), 'pgbouncer', '--yes', '--runtime', 'serverless', '--no-verify']
  await app.must('node', command, { env })
  const modules = { 'before.ts': 'before', 'one-each.ts': 'one-each', 'hand-tuned/db.ts': 'hand-tuned' }
  for (const [file, name] of Object.entries(modules))
    await copyFile(path.join(FIXTURES, file), path.join(lib, `db-${name}.ts`))
  await bundle(app, ['db', ...Object.values(modules).map((name) => `db-${name}`)])

  const written = (name: string) => readFile(path.join(app.root, 'pgbouncer', name), 'utf8')
  const [row] = await postgres.query<{ secret: string }>(
    `select rolpassword as secret from pg_authid where rolname = '${USER}'`,
  )
  const secret = `"${USER}" "${row!.secret}"\n`
  const ours = await written('pgbouncer.ini')
  const tuned = { ini: await readFile(path.join(FIXTURES, 'hand-tuned/pgbouncer.ini'), 'utf8'), userlist: secret }
  const module = (name: string) => path.join(app.root, 'api/bench', `${name}.js`)
  return [
    { name: 'pg', module: null, pgbouncer: tuned },
    { name: 'before', module: module('db-before'), pgbouncer: null },
    { name: 'one each', module: module('db-one-each'), pgbouncer: null },
    { name: 'ours', module: module('db'), pgbouncer: { ini: ours, userlist: await written('userlist.txt') } },
    { name: 'ours, with the secret', module: module('db'), pgbouncer: { ini: ours, userlist: secret } },
    { name: 'hand-tuned', module: module('db-hand-tuned'), pgbouncer: tuned },
  ]
}

/** The modules as JavaScript; what Prisma generated stays one module, which all functions of a process share. */
async function bundle(app: App, names: string[]): Promise<void> {
  const client = path.join(app.root, 'api/db/generated/prisma/client.mts')
  await mkdir(path.join(app.root, 'api/bench'))
  await writeFile(path.join(app.root, 'api/bench/package.json'), '{ "type": "module" }\n')
  await build({
    entryPoints: names.map((name) => path.join(app.root, 'api/src/lib', `${name}.ts`)),
    outdir: path.join(app.root, 'api/bench'),
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    logLevel: 'error',
    banner: { js: `import{createRequire as _r}from'node:module';const require=_r(import.meta.url);` },
    plugins: [
      {
        name: 'generated-client',
        setup: ({ onResolve }) => {
          onResolve({ filter: /^api\/db\/generated\/prisma\/client/ }, () => ({ path: client }))
        },
      },
    ],
  })
}

async function makeProgram(): Promise<void> {
  await build({
    entryPoints: [path.join(repoRoot, 'test/bench/pooling/function.ts')],
    outfile: PROGRAM,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
  })
}

async function open(postgres: Postgres, { pgbouncer: files }: Setup) {
  if (files === null) return { url: postgres.url(USER, credentials), pgbouncer: null, close: async () => {} }
  const pgbouncer = await startPgbouncer({
    target: postgres,
    userlist: files.userlist,
    ini: ({ port }) =>
      files.ini
        .replace(/^listen_port = .*$/m, `listen_port = ${port}`)
        .replace('{{serverPort}}', String(postgres.port))
        .replace(/^\[pgbouncer\]$/m, '[pgbouncer]\nunix_socket_dir ='),
  })
  return { url: pgbouncer.url(USER, credentials), pgbouncer, close: () => pgbouncer.stop() }
}
