import { rm } from 'node:fs/promises'
import path from 'node:path'
import { prepareCedarApps } from './cedar-app.ts'
import { pgbouncerBinary } from './pgbouncer.ts'
import { postgresBin } from './postgres.ts'
import { prismaEngines } from './prisma-engines.ts'
import { prepareRedwoodApps } from './redwood-app.ts'
import { requireFile } from './server.ts'
import { workDir } from './work.ts'

async function timed(what: string, prepare: () => Promise<unknown>): Promise<void> {
  const start = Date.now()
  await prepare()
  const seconds = (Date.now() - start) / 1000
  if (seconds > 1) console.log(`${what}: ${seconds.toFixed(0)} s`)
}

/**
 * Runs once before the real-app tests: fails with the command to run when the machine lacks something, and
 * downloads, builds and installs what is not in `test/.work` yet.
 */
export async function setup(): Promise<void> {
  process.env['POOLING_TEST_RUN'] = String(Date.now())
  await rm(path.join(workDir, 'pack'), { recursive: true, force: true })
  requireFile('setpriv', 'util-linux', ['/usr/bin/setpriv', '/bin/setpriv'])
  requireFile('openssl', 'openssl', ['/usr/bin/openssl'])
  await postgresBin()
  await pgbouncerBinary('debian')

  await timed('PgBouncer 1.24', () => pgbouncerBinary('1.24'))
  await timed('Prisma engines', prismaEngines)
  await timed('Redwood apps', prepareRedwoodApps)
  await timed('Cedar apps, CommonJS', () => prepareCedarApps('cjs'))
  await timed('Cedar apps, ES modules', () => prepareCedarApps('esm'))
}
