import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { textOrEmpty } from '../base/regular-file.ts'
import { parseJson } from '../base/text.ts'
import { upwards } from '../base/upwards.ts'

/**
 * The version of a package that the app runs with: what is installed, else what the lockfile says, else null.
 * Monorepos install above the app, so the folders upwards are looked at too.
 */
export function findVersion(root: string, name: string): string | null {
  return installedVersion(join(root, 'api'), name) ?? lockedVersion(root, name)
}

function installedVersion(from: string, name: string): string | null {
  const manifests = upwards(from).map((folder) => textOrEmpty(join(folder, 'node_modules', name, 'package.json')))
  return manifests.map(versionIn).find((version) => version !== null) ?? null
}

function versionIn(manifest: string): string | null {
  const version = (parseJson(manifest) as { version?: unknown } | null | undefined)?.version
  return typeof version === 'string' ? version : null
}

export const LOCKFILES = ['yarn.lock', 'package-lock.json', 'pnpm-lock.yaml'] as const

function lockedVersion(root: string, name: string): string | null {
  const paths = upwards(root).flatMap((folder) => LOCKFILES.map((lockfile) => join(folder, lockfile)))
  const nearest = paths.find((path) => existsSync(path))
  return nearest === undefined ? null : versionInLock(textOrEmpty(nearest), name)
}

/** Reads a version out of any of the four lockfile formats; of several, the first. */
function versionInLock(text: string, name: string): string | null {
  const escaped = name.replace(/[/\\^$.*+?()[\]{}|]/g, '\\$&')
  const patterns = [
    // Yarn 2 and later, and Yarn 1: an entry's header, then its version.
    new RegExp(`^"?${escaped}@[^\\n]*:\\n\\s+version:? "?([^"\\s]+)`, 'm'),
    new RegExp(`"node_modules/${escaped}": \\{\\s*"version": "([^"]+)"`),
    new RegExp(`^\\s+'?/?${escaped}[@/](\\d[^:('\\s]*)`, 'm'),
  ]
  return patterns.flatMap((pattern) => pattern.exec(text)?.[1] ?? [])[0] ?? null
}

/** 'major.minor.patch…' as numbers, or null; ranges such as '^8.0.0' are read as their lower end. */
export function parseVersion(text: string): [number, number, number] | null {
  const match = /(\d+)(?:\.(\d+))?(?:\.(\d+))?/.exec(text)
  return match ? [Number(match[1]), Number(match[2] ?? 0), Number(match[3] ?? 0)] : null
}

/** By their numbers; what comes behind a hyphen doesn't count. */
export function isOlder(version: string, than: string): boolean {
  const [a, b] = [parseVersion(version), parseVersion(than)]
  if (!a || !b) return false
  const at = a.findIndex((number, index) => number !== b[index])
  return at !== -1 && a[at]! < b[at]!
}

/** Whether a range, exact or with a caret or a tilde, takes a version; of any other nothing is known. */
export function admits(range: string, version: string): boolean {
  const [, sign, low] = /^([\^~]?)(\d+\.\d+\.\d+[\w.-]*)$/.exec(range) ?? []
  if (low === undefined || sign === '') return low === version
  const [from, to] = [parseVersion(low)!, parseVersion(version)!]
  return !isOlder(version, low) && from[0] === to[0] && (sign === '^' || from[1] === to[1])
}
