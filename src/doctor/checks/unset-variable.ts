import { RUNTIME } from '../../../codemods/env/files.ts'
import type { App } from '../../app/app.ts'
import { parseConnectionString } from '../../connection/connection-string.ts'
import { envEntries } from '../facts.ts'
import type { FilesCheck } from '../types.ts'

/** No evidence of a fault is no evidence that there is none. */
export const unsetVariable: FilesCheck = {
  code: 'unset-variable',
  title: 'A connection string that the app reads is in no env file',
  why: "It wasn't checked. Where it isn't set, Prisma stops with P1012.",
  fix: 'Put it into .env, or set it where the app runs.',
  seen: [/P1012/, /Environment variable not found/i],
  run({ app, embedded }) {
    if (app.kind === null || embedded) return []
    const entries = envEntries(app)
    return namesRead(app).flatMap((name) => {
      const all = entries.filter((each) => each.name === name && each.value !== '')
      if (all.some(({ value }) => !standsIn(value))) return []
      const is = all.length === 0 ? 'is set in no env file' : 'is a placeholder, or refers to another variable'
      const { path, line } = all[0] ?? entries.find((each) => each.name === name) ?? { path: '.env', line: 1 }
      const fix = `Put its value into ${path}, or set it where the app runs.`
      return [{ severity: 'warning', path, line, detail: `${name} ${is}.`, fix }]
    })
  },
}

/** Those without which the app or Prisma's CLI stops. */
function namesRead({ urlIn, names, datasource, config, paths: { prismaConfig }, snapshot }: App): string[] {
  const text = snapshot.files.get(prismaConfig ?? '') ?? ''
  const isNeeded = (name: string) => new RegExp(`\\benv\\(\\s*["'\`]${name}["'\`]`).test(text)
  const others =
    urlIn === 'config'
      ? [config?.urlEnv, config?.shadowUrlEnv].filter((name) => name && isNeeded(name))
      : [names.direct, datasource?.shadowDatabaseUrl?.env]
  return [...new Set([names.runtime ?? RUNTIME, ...others])].filter((name) => name != null)
}

function standsIn(value: string): boolean {
  const parsed = parseConnectionString(value)
  return 'problem' in parsed && parsed.problem.code === 'placeholder'
}
