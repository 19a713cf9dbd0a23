import { readEnv } from '../../codemods/env/dotenv-lex.ts'
import { isEnvFile } from '../../codemods/env/files.ts'
import { prismaDevPort } from './shadow.ts'
import type { FileChange } from './types.ts'

/**
 * What is left to do about servers of `prisma dev` that the app's env files stop leading to: they outlive this program,
 * and only the user knows whether their data is still wanted.
 */
export function serversLeft(changes: readonly FileChange[], invocation: string): string[] {
  const files = changes.filter(({ path }) => isEnvFile(path))
  const [before, after] = [files.map((change) => change.before), files.map((change) => change.after)]
  if (localPorts(before).size <= localPorts(after).size) return []
  return [
    `Servers of prisma dev may still run, with their data: \`${invocation} local status\` lists them, \`${invocation} local stop\` stops them.`,
  ]
}

function localPorts(texts: readonly (string | null)[]): Set<number> {
  return new Set(texts.flatMap((text) => readEnv(text ?? '').flatMap(({ value }) => prismaDevPort(value) ?? [])))
}
