import type { Runtime } from '../providers/types.ts'
import { HOSTS, type Host } from './hosts.ts'

/** A file that tells where the app is deployed. */
export interface DeployFile {
  path: string
  host: Host
  /** Whether it sets `DATABASE_URL` itself, so that a new direct variable has to be added beside it. */
  setsDatabaseUrl: boolean
}

export function deployFiles(files: ReadonlyMap<string, string>): DeployFile[] {
  return HOSTS.flatMap((host) =>
    [...files]
      .filter(([path]) => host.path.test(path))
      // TEST_DATABASE_URL is another variable, and a commented line sets nothing.
      .map(([path, text]) => ({
        path,
        host,
        setsDatabaseUrl: /^(?!\s*(#|\/\/)).*(?<![A-Z_])DATABASE_URL(?![A-Z_])/m.test(text),
      })),
  )
}

/** What the deploy files imply, or null when they say nothing or disagree. */
export function runtimeOf(deploy: readonly DeployFile[]): Runtime | null {
  const telling = deploy.filter(({ host }) => !host.runsAnywhere)
  const runtimes = new Set(telling.map(({ host }) => host.runtime))
  return runtimes.size === 1 ? [...runtimes][0]! : null
}

/** How much of the api side runs, as a deploy file says. */
export interface Scale {
  /** The file that says so. */
  path: string
  /** Servers, or functions at a time: the most that there may be. */
  instances?: number
  /** Of one server. */
  cpus?: number
}

/** What the deploy files say about numbers, or null when they say nothing. Only ever a default, to be overruled. */
export function scaleOf(files: ReadonlyMap<string, string>): Scale | null {
  for (const { path, host } of deployFiles(files)) {
    const text = files.get(path)!
    const instances = host.instances && most(text, host.instances)
    const cpus = host.cpus && most(text, host.cpus)
    if (instances || cpus) return { path, ...(instances && { instances }), ...(cpus && { cpus }) }
  }
  return null
}

function most(text: string, pattern: RegExp): number {
  const numbers = [...text.matchAll(pattern)].map(([, number]) => number)
  const isCounted = numbers.every((number) => number === undefined)
  return isCounted ? numbers.length : Math.max(...numbers.map(Number))
}
