import type { Runtime } from '../providers/types.ts'
import { HOSTS, type Host } from './hosts.ts'

/** A file that shows where the app is deployed. */
export interface DeployFile {
  /** From the app's root; `../` where it lies above, in a monorepo. */
  path: string
  text: string
  host: Host
  /** The value that it gives `DATABASE_URL`; `null` where it doesn't set it. */
  databaseUrl: Assigned | null
}

/** A value from outside can be set there; a fixed URL, and a reference to the host's own database, win over that. */
export type Assigned = { from: 'outside' } | { from: 'own database' } | { from: 'file'; url: string }

export function deployFiles(files: ReadonlyMap<string, string>): DeployFile[] {
  return HOSTS.flatMap((host) =>
    [...files]
      .filter(([path, text]) => host.path.test(path.replace(/^(\.\.\/)+/, '')) && host.text?.test(text) !== false)
      .map(([path, text]) => ({ path, text, host, databaseUrl: databaseUrlIn(text) })),
  )
}

/** As a key of YAML, TOML or JSON, in a list of names, or in a Dockerfile; not in a comment. */
const ASSIGNED = new RegExp(
  [
    String.raw`(?<![\w$]|\$\{)DATABASE_URL["']?\s*[:=]`,
    String.raw`\b(?:key|name):\s*["']?DATABASE_URL\b["']?`,
    String.raw`\b(?:ENV|ARG)\s+DATABASE_URL\b`,
    String.raw`^\s*-\s*DATABASE_URL\s*$`,
  ].join('|'),
)

/** The gravest of the values that a file gives it. */
function databaseUrlIn(text: string): Assigned | null {
  const lines = text.split('\n')
  const found = lines.flatMap((line, index) => {
    const match = /^\s*(#|\/\/)/.test(line) ? null : ASSIGNED.exec(line)
    return match ? [assigned(line.slice(match.index + match[0].length), lines.slice(index + 1))] : []
  })
  return found.find(({ from }) => from !== 'outside') ?? found[0] ?? null
}

/** Reads the value behind the name, or below it up to the next one. */
function assigned(rest: string, below: readonly string[]): Assigned {
  const last = below.findIndex((line) => /^\s*(-\s|\}|$)/.test(line))
  const isBelow = /^[\s,{]*$/.test(rest)
  const value = isBelow ? below.slice(0, last === -1 ? undefined : last).join('\n') : rest
  if (OWN.test(value)) return { from: 'own database' }
  const url = /^[^$]*?\b(\w+:\/\/[^\s"'`]+)/.exec(value)?.[1]
  return url ? { from: 'file', url } : { from: 'outside' }
}

/** Render's and Flightcontrol's references, and DigitalOcean's `${db.DATABASE_URL}`. */
const OWN = /\bfrom(Database|Service)\b|\$\{(?!\{|env\b|self\b)[\w-]+\.DATABASE_URL\}/

/** The runtime that the deploy files imply, or null when they say nothing or disagree. */
export function runtimeOf(deploy: readonly DeployFile[]): Runtime | null {
  const telling = deploy.filter(({ host }) => host.tells === undefined)
  const alone = deploy.filter(({ host }) => host.tells === 'alone')
  const runtimes = new Set((telling.length > 0 ? telling : alone).map(({ host }) => host.runtime))
  return runtimes.size === 1 ? [...runtimes][0]! : null
}

/** How much of the api side runs, as a deploy file says. */
export interface Scale {
  path: string
  /** Servers, or functions at a time: the most that there may be. */
  instances: number
}

/** The number that the deploy files name, or null when they name none. Only ever a default, to be overruled. */
export function scaleOf(deploy: readonly DeployFile[]): Scale | null {
  const scales = deploy.map(({ path, text, host }) => ({
    path,
    instances: host.instances ? most(text, host.instances) : 0,
  }))
  return scales.find(({ instances }) => instances > 0) ?? null
}

function most(text: string, pattern: RegExp): number {
  const numbers = [...text.matchAll(pattern)].map(([, number]) => number)
  const isCounted = numbers.every((number) => number === undefined)
  return isCounted ? numbers.length : Math.max(...numbers.map(Number))
}
