import { chmod, copyFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Env, must } from './process.ts'
import { cached, fingerprint } from './work.ts'

const source = path.join(path.dirname(fileURLToPath(import.meta.url)), 'prisma')
const files = [
  'package.json',
  'package-lock.json',
  'connection.mjs',
  'migrations.mjs',
  'query-engine.cjs',
  'schema-engine',
  'schema-engine.mjs',
]

export interface PrismaEngines {
  /** Makes every command of Prisma's CLI (5.20, 6 and 7) run without a download. */
  cli: Env
  /** `cli`, and Prisma 5's client can run queries. Costs every Node child a few milliseconds. */
  queries: Env
}

/**
 * Prisma's engines as WebAssembly from npm, installed once. Native engines come from a host that is not the
 * npm registry, which a test machine may not reach.
 */
export async function prismaEngines(): Promise<PrismaEngines> {
  const hash = await fingerprint(...files.map((file) => path.join(source, file)))
  const dir = await cached(`prisma-engines/${hash}`, async (into) => {
    for (const file of files) await copyFile(path.join(source, file), path.join(into, file))
    await chmod(path.join(into, 'schema-engine'), 0o755)
    await writeFile(path.join(into, 'query-engine.node'), '')
    await must('npm', ['ci', '--no-audit', '--no-fund'], { cwd: into })
  })
  const cli: Env = {
    PRISMA_SCHEMA_ENGINE_BINARY: path.join(dir, 'schema-engine'),
    PRISMA_QUERY_ENGINE_LIBRARY: path.join(dir, 'query-engine.node'),
  }
  return { cli, queries: { ...cli, NODE_OPTIONS: `--require ${path.join(dir, 'query-engine.cjs')}` } }
}
