import { readEnv } from '../../codemods/env/dotenv-lex.ts'
import { isEnvFile } from '../../codemods/env/files.ts'
import { prismaDevPort } from './shadow.ts'
import type { FileChange } from './types.ts'

/** A server of `prisma dev` that runs. */
export interface LocalServer {
  name: string
  port: number
  /** The command that stops it. */
  stop: string
}

/**
 * Steps about the servers that the app's env files stop leading to: they outlive this program, and only the user knows
 * whether their data is still wanted.
 */
export function serversLeft(changes: readonly FileChange[], running: readonly LocalServer[]): string[] {
  const files = changes.filter(({ path }) => isEnvFile(path))
  const after = new Set(files.flatMap((change) => localPorts(change.after)))
  const left = new Set(files.flatMap(({ before }) => localPorts(before)).filter((port) => !after.has(port)))
  return running
    .filter(({ port }) => left.has(port))
    .map(({ name, stop }) => `${name}: the server of prisma dev still runs, with the data. To stop: \`${stop}\`.`)
}

/** Ports of `prisma dev` that an env file names. */
export function localPorts(text: string | null): number[] {
  return readEnv(text ?? '').flatMap(({ value }) => prismaDevPort(value) ?? [])
}
