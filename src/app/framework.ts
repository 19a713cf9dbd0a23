import type { Datasource } from '../../codemods/schema/schema.ts'
import { ActionableError } from '../base/errors.ts'
import { parseJson } from '../base/text.ts'
import { isOlder, parseVersion } from './versions.ts'

export type Framework = 'redwood' | 'cedar'

export interface PackageJson {
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
  resolutions?: Record<string, unknown>
  overrides?: Record<string, unknown>
  pnpm?: { overrides?: Record<string, unknown> }
  packageManager?: string
}

export function readPackageJson(files: ReadonlyMap<string, string>): PackageJson {
  const packageJson = readManifest(files.get('package.json') ?? '')
  if (packageJson) return packageJson
  throw new ActionableError("package.json is missing or isn't valid JSON.", {
    code: 'invalid-package-json',
    fix: 'Fix package.json and run the command again.',
  })
}

/** `null` where it isn't JSON. */
export function readManifest(text: string): PackageJson | null {
  return (parseJson(text) as PackageJson | undefined) ?? null
}

const CORES: Record<Framework, string> = { redwood: '@redwoodjs/core', cedar: '@cedarjs/core' }

export function frameworkOf(files: ReadonlyMap<string, string>): Framework {
  const packageJson = readPackageJson(files)
  if (declared(packageJson, CORES.cedar) !== null) return 'cedar'
  if (declared(packageJson, CORES.redwood) !== null) return 'redwood'
  return files.has('cedar.toml') ? 'cedar' : 'redwood'
}

/** The package of the framework whose version is the app's. */
export function corePackage(files: ReadonlyMap<string, string>): string {
  return CORES[frameworkOf(files)]
}

function declared({ devDependencies, dependencies }: PackageJson, name: string): string | null {
  const range: unknown = devDependencies?.[name] ?? dependencies?.[name]
  return typeof range === 'string' ? range : null
}

export function versionOf(packageJson: PackageJson, framework: Framework, installed: string | null): string {
  const range = declared(packageJson, CORES[framework]) ?? 'unknown'
  return installed ?? (range.replace(/^[^\d]*/, '') || range)
}

export interface PrismaVersion {
  version: string
  major: number
  /** Nothing installed, locked or written in a package.json says so: it is what the framework brings. */
  guessed: boolean
}

export function prismaOf(
  installed: string | null,
  packages: readonly (PackageJson | null)[],
  framework: Framework,
  frameworkVersion: string,
  datasource: Datasource | null,
): PrismaVersion {
  const known = installed ?? statedVersion(packages)
  const version = known ?? bundledPrisma(framework, frameworkVersion, datasource)
  return { version, major: parseVersion(version)?.[0] ?? 5, guessed: known === null }
}

const NAMES = /^(\*\*\/)?(prisma|@prisma\/client)$/
/** Prisma's adapters have the version of the client that they are for. */
const ADAPTERS = /^@prisma\/adapter-/

function statedVersion(packages: readonly (PackageJson | null)[]): string | null {
  const stated = packages.flatMap((found) => {
    const { resolutions, overrides, pnpm, dependencies, devDependencies } = found ?? {}
    const lists = [resolutions, overrides, pnpm?.overrides, dependencies, devDependencies]
    return lists.flatMap((list) => Object.entries(list ?? {}))
  })
  const found = [NAMES, ADAPTERS].flatMap((names) => stated.filter(([name]) => names.test(name)))
  const versions = found.map(([, range]) => /^[\^~]?(\d+\.\d[\w.-]*)$/.exec(String(range))?.[1])
  return versions.find((version) => version !== undefined) ?? null
}

/** The Prisma that each framework brings, for an app that is neither installed nor locked. */
function bundledPrisma(framework: Framework, version: string, datasource: Datasource | null): string {
  // A datasource without a URL is legal from Prisma 7 on, one with a URL only before.
  if (framework === 'cedar') return datasource?.url ? '6.19.3' : '7.8.0'
  if (datasource?.url === null) return '7.8.0'
  const major = parseVersion(version)?.[0] ?? 8
  return major >= 7 ? '5.20.0' : major === 6 ? '5.0.0' : '4.10.0'
}

interface Versioned {
  framework: Framework
  version: string
  prisma: PrismaVersion
}

/** Why an app can't be set up by its framework and Prisma alone; `null` where it can. */
export function unsupported({ framework, version, prisma }: Versioned): ActionableError | null {
  const reasons = [
    {
      applies: version === 'unknown',
      code: 'unknown-framework',
      message: `package.json names neither ${CORES.redwood} nor ${CORES.cedar}, so this isn't a Redwood or Cedar app.`,
      fix: 'Run the command in the root of a Redwood or Cedar app, or give it with --cwd.',
    },
    {
      applies: framework === 'redwood' && isOlder(version, '4.0.0'),
      code: 'framework-too-old',
      message: `This app has RedwoodJS ${version}; this command knows RedwoodJS 4 and later.`,
      fix: 'Upgrade with yarn rw upgrade, then run the command again.',
    },
    {
      applies: isOlder(prisma.version, '4.10.0'),
      code: 'prisma-too-old',
      message: `This app has Prisma ${prisma.version}; \`directUrl\` exists since Prisma 4.10.`,
      fix: 'Upgrade Prisma (with the framework: yarn rw upgrade), then run the command again.',
    },
    {
      applies: prisma.major >= 8,
      code: 'prisma-too-new',
      message: `This app has Prisma ${prisma.version}; this command knows Prisma 4.10 to 7. Prisma 8 has another schema and client.`,
      fix: 'Set pooling up while the app is on Prisma 7, or look for a later version of this command.',
    },
  ]
  const reason = reasons.find(({ applies }) => applies)
  return reason ? new ActionableError(reason.message, reason) : null
}
