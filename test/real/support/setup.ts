import { readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { assertUntouched } from './app.ts'
import { type CedarKind, cedarInstall, prepareCedarApps } from './cedar-app.ts'
import { mariadbPrograms } from './mariadb.ts'
import { pgbouncerBinary } from './pgbouncer.ts'
import { postgresBin } from './postgres.ts'
import { prismaEngines } from './prisma-engines.ts'
import { prepareRedwoodApps, redwoodInstall } from './redwood-app.ts'
import { requireFile } from './server.ts'
import { workDir } from './work.ts'

const cedarKinds: CedarKind[] = [
  { version: '5.0.3', modules: 'esm' },
  { version: '5.0.3', modules: 'cjs' },
  { version: '4.2.0', modules: 'cjs' },
]

async function timed(what: string, prepare: () => Promise<unknown>): Promise<void> {
  const start = Date.now()
  await prepare()
  const seconds = (Date.now() - start) / 1000
  if (seconds > 1) console.log(`${what}: ${seconds.toFixed(0)} s`)
}

/** A pack belongs to one run; another run may be going on beside this one. */
async function removeOldPacks(): Promise<void> {
  const dir = path.join(workDir, 'pack')
  const aDayAgo = Date.now() - 86_400_000
  for (const run of await readdir(dir).catch(() => []))
    if (Number.parseInt(run, 10) < aDayAgo) await rm(path.join(dir, run), { recursive: true, force: true })
}

/**
 * Runs once before the real-app tests: fails with the command to run when the machine lacks something, and
 * downloads, builds and installs what is not in `test/.work` yet.
 */
export async function setup(): Promise<void> {
  process.env.POOLING_TEST_RUN = String(Date.now())
  await removeOldPacks()
  requireFile('setpriv', 'util-linux', ['/usr/bin/setpriv', '/bin/setpriv'])
  requireFile('script', 'bsdutils', ['/usr/bin/script', '/bin/script'])
  requireFile('openssl', 'openssl', ['/usr/bin/openssl'])
  await postgresBin()
  mariadbPrograms()
  await pgbouncerBinary('debian')

  const databases = () => timed('PgBouncer 1.24', () => pgbouncerBinary('1.24'))
  const redwood = () => timed('Redwood 8.9', prepareRedwoodApps)
  const cedar = (kind: CedarKind) => timed(`Cedar ${kind.version} ${kind.modules}`, () => prepareCedarApps(kind))
  const [newest, ...others] = cedarKinds
  await timed('Prisma engines', prismaEngines)
  await Promise.all([
    redwood().then(() => cedar(newest!)),
    others.reduce((previous, kind) => previous.then(() => cedar(kind)), databases()),
  ])
}

/** Runs once after them: the originals must be as they were. */
export async function teardown(): Promise<void> {
  await assertUntouched(redwoodInstall)
  for (const kind of cedarKinds) await assertUntouched(await cedarInstall(kind))
}
