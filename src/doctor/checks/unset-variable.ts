import { readEnv } from '../../../codemods/env/dotenv-lex.ts'
import { RUNTIME } from '../../../codemods/env/files.ts'
import { type App, envOf } from '../../app/app.ts'
import { parseConnectionString } from '../../connection/connection-string.ts'
import { envPaths } from '../facts.ts'
import type { FilesCheck } from '../types.ts'

/** No evidence of a fault is no evidence that there is none. */
export const unsetVariable: FilesCheck = {
  code: 'unset-variable',
  title: 'A connection string that the app reads is in no env file',
  why: 'What it leads to was not checked. Where it is set nowhere, Prisma stops with P1012.',
  fix: 'Put it into .env, or set it where the app runs.',
  seen: [/P1012/, /Environment variable not found/i],
  needs: 'files',
  run({ app }) {
    if (app.kind === null || app.kind === 'sqlite') return []
    const set = envOf(app.snapshot.files)
    const elsewhere = envPaths(app).flatMap((path) => readEnv(app.snapshot.files.get(path)!))
    const names = new Set([app.names.runtime ?? RUNTIME, ...inSchemaOrConfig(app)])
    return [...names].flatMap((name) => {
      const value = set.get(name) ?? ''
      if (value === '' && elsewhere.some((each) => each.name === name && each.value !== '')) return []
      const parsed = parseConnectionString(value)
      const problem = 'problem' in parsed ? parsed.problem : null
      if (problem?.code !== 'empty' && problem?.code !== 'placeholder') return []
      const { path, line } = placeOf(app.snapshot.files, name)
      const is = problem.code === 'empty' ? 'is set in no env file' : 'is a placeholder, or refers to another variable'
      return [
        {
          severity: 'warning',
          path,
          line,
          detail: `${name} ${is}.`,
          fix: `Put ${name} into .env, or set it where the app runs.`,
        },
      ]
    })
  },
}

/** Those without which Prisma stops. */
function inSchemaOrConfig({ urlIn, datasource, paths: { prismaConfig }, snapshot }: App): string[] {
  const config = urlIn === 'config' && prismaConfig !== null ? snapshot.files.get(prismaConfig)! : ''
  const values = urlIn === 'schema' ? [datasource?.directUrl, datasource?.shadowDatabaseUrl] : []
  const inConfig = [...config.matchAll(/^(?!\s*\/\/).*\benv\(\s*["'`](\w+)["'`]/gm)].map(([, name]) => name!)
  return [...values.flatMap((value) => (value && 'env' in value ? [value.env] : [])), ...inConfig]
}

function placeOf(files: ReadonlyMap<string, string>, name: string): { path: string; line: number } {
  for (const path of ['.env', '.env.defaults']) {
    const line = readEnv(files.get(path) ?? '').findLast((each) => each.name === name)?.line
    if (line !== undefined) return { path, line }
  }
  return { path: '.env', line: 1 }
}
