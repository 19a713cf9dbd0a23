import { readEnv } from '../../codemods/env/dotenv-lex.ts'
import { isEnvFile, isLoadedEnvFile } from '../../codemods/env/files.ts'
import { prismaDevPort } from './shadow.ts'
import type { FileChange } from './types.ts'

/**
 * What is left to do about servers of `prisma dev` that the app's env files stop leading to: they outlive this program,
 * and only the user knows whether their data is still wanted.
 */
export function serversLeft(
  changes: readonly FileChange[],
  today: ReadonlyMap<string, string>,
  invocation: string,
): string[] {
  const files = changes.filter(({ path }) => isEnvFile(path))
  const [before, after] = [files.map((change) => change.before), files.map((change) => change.after)]
  const left = localPorts(before)
  if (left.size <= localPorts(after).size) return []
  const others = [...today].filter(([path]) => isLoadedEnvFile(path) && !files.some((change) => change.path === path))
  const still = others.flatMap(([path, text]) =>
    readEnv(text)
      .filter(({ value }) => left.has(prismaDevPort(value) ?? 0))
      .map(({ name, line }) => `${path}:${line}: ${name} still leads to a server of prisma dev. Take it out.`),
  )
  return [
    ...still,
    `Servers of prisma dev may still run, with their data: \`${invocation} local status\` lists them, \`${invocation} local stop\` stops them.`,
  ]
}

function localPorts(texts: readonly (string | null)[]): Set<number> {
  return new Set(texts.flatMap((text) => readEnv(text ?? '').flatMap(({ value }) => prismaDevPort(value) ?? [])))
}
