import type { ClientTarget } from '../../codemods/db-client/target.ts'
import { editPackageJson, editPackageMeta, type PackageChange } from '../../codemods/manifests/package-json.ts'
import type { App } from '../app/app.ts'
import { readManifest } from '../app/framework.ts'
import { admits, isOlder } from '../app/versions.ts'
import { ActionableError } from '../base/errors.ts'
import type { PlanDraft } from './draft.ts'
import type { FileChange, Plan } from './types.ts'

const ACCELERATE_EXTENSION = '@prisma/extension-accelerate'
const READ_REPLICAS = '@prisma/extension-read-replicas'

/**
 * The versions of an extension, by the Prisma that they have as their peer: from, and up to before. Accelerate's is the
 * last that runs on Node 20. Source: the fields peerDependencies and engines of the published versions.
 */
const RANGES: Record<string, readonly (readonly [from: string, before: string, range: string])[]> = {
  [ACCELERATE_EXTENSION]: [['4.16.1', '8.0.0', '^2.0.2']],
  [READ_REPLICAS]: [
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

/** It has a build step, which the package manager has to allow. */
const SQLITE = 'better-sqlite3'

/** Prisma's adapters, of which a client has one, and the drivers and local servers that come and go with them. */
const DRIVER = /^(@prisma\/adapter-.+|better-sqlite3|@libsql\/client|@electric-sql\/pglite(-[\w-]+)?)$/

/** The api workspace's packages that the client needs, and those that it no longer does. */
function clientPackages(target: ClientTarget, prismaVersion: string, present: Iterable<string>): PackageChange {
  const add: PackageChange['add'][number][] = []
  const remove: string[] = []
  const toggle = (name: string, wanted: boolean) => {
    if (wanted) add.push({ name, range: rangeFor(name, prismaVersion) })
    else remove.push(name)
  }
  toggle(ACCELERATE_EXTENSION, target.accelerate)
  if (target.readReplicas !== undefined) toggle(READ_REPLICAS, target.readReplicas !== null)
  if (target.style === 'adapter') {
    const own = target.adapter?.package
    if (own) add.push({ name: own, range: prismaVersion })
    remove.push(...[...present].filter((name) => DRIVER.test(name) && name !== own))
    // Before Prisma 7 the adapter takes a pool of pg's, which the app then imports itself.
    if (own === '@prisma/adapter-pg' && target.prismaMajor < 7) add.push({ name: 'pg', range: '^8.13.0' })
  }
  return { add, remove }
}

/** What the client needs comes in; what it no longer does goes, where no other file of the app uses it. */
export function planPackages(draft: PlanDraft, app: App, client: ClientTarget): void {
  const before = dependenciesIn(draft.text('api/package.json'))
  const needed = clientPackages(client, app.prisma.version, Object.keys(before))
  const remove: string[] = []
  for (const name of needed.remove) {
    const user = name in before ? userOf(draft, name) : null
    if (user) draft.warn('package-in-use', `${name} stays in api/package.json: ${user} imports it.`)
    else remove.push(name)
  }
  if (remove.includes(SQLITE)) {
    draft.edit('package.json', (text) => editPackageMeta(text, SQLITE))
    warnOfBuild(draft)
  }
  const add = needed.add.filter(({ name, range }) => !fits(before[name], range))
  const gone = remove.filter((name) => name in before)
  draft.edit('api/package.json', (text) => editPackageJson(text, { add, remove: gone }))
  // Some keep it beside Prisma's own packages.
  if (remove.includes(ACCELERATE_EXTENSION) && ACCELERATE_EXTENSION in dependenciesIn(draft.text('package.json'))) {
    draft.edit('package.json', (text) => editPackageJson(text, { add: [], remove: [ACCELERATE_EXTENSION] }))
  }
}

/** What the app asks for stays as long as one version can be both. */
function fits(today: string | undefined, wanted: string): boolean {
  const lowest = (range: string) => range.replace(/^[\^~]/, '')
  return typeof today === 'string' && (admits(today, lowest(wanted)) || admits(wanted, lowest(today)))
}

/** A file that goes on with a package once the client doesn't; an adapter's name holds its driver's. */
function userOf({ files }: PlanDraft, name: string): string | null {
  const using = [...files].find(([path, code]) => /\.[cm]?[jt]sx?$/.test(path) && code.includes(name))
  return using?.[0] ?? null
}

/** pnpm's own list of what may build, in a format that nothing else here edits. */
function warnOfBuild(draft: PlanDraft): void {
  const lines = draft.text(PNPM)?.split('\n') ?? []
  const index = lines.findIndex((line) => new RegExp(`^\\s+(- *)?["']?${SQLITE}["']?\\s*(:.*)?$`).test(line))
  if (index === -1) return
  draft.warn('pnpm-build-left', `${PNPM}:${index + 1}: ${SQLITE} is no longer needed: remove its permission to build.`)
}

const PNPM = 'pnpm-workspace.yaml'

/** The manifests' own change: what an earlier run brought is there already. */
export function packagesBetween(files: readonly FileChange[]): Plan['packages'] {
  const changes = Object.entries(MANIFESTS).flatMap(([path, workspace]) => {
    const { before = null, after = null } = files.find((file) => file.path === path) ?? {}
    const [old, now] = [dependenciesIn(before), dependenciesIn(after)]
    const named = (packages: Record<string, string>) =>
      Object.entries(packages).map(([name, range]) => ({ workspace, name, range }))
    return {
      add: named(now).filter(({ name, range }) => old[name] !== range),
      remove: named(old).filter(({ name }) => !(name in now)),
    }
  })
  return { add: changes.flatMap(({ add }) => add), remove: changes.flatMap(({ remove }) => remove) }
}

const MANIFESTS = { 'api/package.json': 'api', 'package.json': 'root' } as const

/** None in a file that isn't JSON, which its codemod refuses. */
function dependenciesIn(text: string | null): Record<string, string> {
  const { dependencies, devDependencies } = readManifest(text ?? '') ?? {}
  return { ...devDependencies, ...dependencies }
}
