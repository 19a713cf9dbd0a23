import type { ClientTarget } from '../../codemods/db-client/target.ts'
import type { PlannedPackage } from './types.ts'

export const ACCELERATE_EXTENSION = '@prisma/extension-accelerate'
const REPLICAS = '@prisma/extension-read-replicas'

/**
 * The extension's last version that runs on Node 20; 3.x wants Node 22.
 * Source: the engines field of the published versions.
 */
const ACCELERATE_RANGE = '^2.0.2'

/** By Prisma major, from the extension's peer ranges: 0.5 takes replica clients only, which is Prisma 7's form. */
const REPLICA_RANGES: Record<number, string> = { 5: '0.4.0', 6: '0.4.1', 7: '0.5.0' }

/** SQLite's driver comes with its adapter, and goes with it. */
export const SQLITE = 'better-sqlite3'

/** Prisma's driver adapters, of which a client has one. */
const isAdapter = (name: string) => name.startsWith('@prisma/adapter-')

/** The api workspace's packages that the client needs, and those that it no longer does. */
export function clientPackages(
  target: ClientTarget,
  prismaVersion: string,
  present: Iterable<string>,
): { add: PlannedPackage[]; remove: string[] } {
  const add: PlannedPackage[] = []
  const remove: string[] = []
  const toggle = (name: string, range: string, wanted: boolean) => {
    if (wanted) add.push({ workspace: 'api', name, range })
    else remove.push(name)
  }
  toggle(ACCELERATE_EXTENSION, ACCELERATE_RANGE, target.accelerate)
  if (target.readReplicas !== 'keep') {
    toggle(REPLICAS, REPLICA_RANGES[target.prismaMajor] ?? '0.5.0', target.readReplicas !== null)
  }
  if (target.style === 'adapter') {
    const own = target.adapter?.package
    if (own) toggle(own, prismaVersion, true)
    remove.push(SQLITE, ...[...present].filter((name) => isAdapter(name) && name !== own))
    // Before Prisma 7 the adapter takes a pool of pg's, which the app then imports itself.
    if (own === '@prisma/adapter-pg' && target.prismaMajor < 7) toggle('pg', '^8.13.0', true)
  }
  return { add, remove }
}
