import type { ClientTarget } from '../../codemods/db-client/target.ts'
import { isOlder } from '../app/versions.ts'
import { ActionableError } from '../base/errors.ts'
import type { PlannedPackage } from './types.ts'

export const ACCELERATE_EXTENSION = '@prisma/extension-accelerate'
const REPLICAS = '@prisma/extension-read-replicas'

/**
 * The versions of an extension, by the Prisma that they have as their peer: from, and up to before. Accelerate's is the
 * last that runs on Node 20. Source: the fields peerDependencies and engines of the published versions.
 */
const RANGES: Record<string, readonly (readonly [from: string, before: string, range: string])[]> = {
  [ACCELERATE_EXTENSION]: [['4.16.1', '8.0.0', '^2.0.2']],
  [REPLICAS]: [
    ['5.2.0', '6.0.0', '0.4.0'],
    ['6.5.0', '7.0.0', '0.4.1'],
    ['7.0.0', '8.0.0', '0.5.0'],
  ],
}

/** @throws {ActionableError} `prisma-without-extension` where no version takes this Prisma. */
function rangeFor(name: string, prismaVersion: string): string {
  const found = RANGES[name]!.find(([from, before]) => !isOlder(prismaVersion, from) && isOlder(prismaVersion, before))
  if (found) return found[2]
  throw new ActionableError(`No version of ${name} takes Prisma ${prismaVersion}, which this app has.`, {
    code: 'prisma-without-extension',
    fix: `Upgrade Prisma first (${RANGES[name]!.map(([from]) => `${from} or later`).join('; ')}).`,
  })
}

/** SQLite's driver has a build step, which package.json may allow by its name. */
export const SQLITE = 'better-sqlite3'

/** Prisma's adapters, of which a client has one, and the drivers and local servers that come and go with them. */
const DRIVER = /^(@prisma\/adapter-.+|better-sqlite3|@libsql\/client|@electric-sql\/pglite(-[\w-]+)?)$/

/** The api workspace's packages that the client needs, and those that it no longer does. */
export function clientPackages(
  target: ClientTarget,
  prismaVersion: string,
  present: Iterable<string>,
): { add: PlannedPackage[]; remove: string[] } {
  const add: PlannedPackage[] = []
  const remove: string[] = []
  const need = (name: string, range: string) => add.push({ workspace: 'api', name, range })
  const toggle = (name: string, wanted: boolean) => {
    if (wanted) need(name, rangeFor(name, prismaVersion))
    else remove.push(name)
  }
  toggle(ACCELERATE_EXTENSION, target.accelerate)
  if (target.readReplicas !== undefined) toggle(REPLICAS, target.readReplicas !== null)
  if (target.style === 'adapter') {
    const own = target.adapter?.package
    if (own) need(own, prismaVersion)
    remove.push(...[...present].filter((name) => DRIVER.test(name) && name !== own))
    // Before Prisma 7 the adapter takes a pool of pg's, which the app then imports itself.
    if (own === '@prisma/adapter-pg' && target.prismaMajor < 7) need('pg', '^8.13.0')
  }
  return { add, remove }
}
