import { RUNTIME, TEST } from '../../codemods/env/files.ts'
import { leadsToDatabase } from '../base/child-env.ts'
import { spell } from '../base/shell.ts'
import type { Warning } from '../connection/url-problem.ts'
import { type App, envOf, variablesRead } from './app.ts'
import { frameworkCommand } from './commands.ts'

type Env = Readonly<Record<string, string | undefined>>

const USUAL = [RUNTIME, 'DIRECT_URL', 'DIRECT_DATABASE_URL', 'SHADOW_DATABASE_URL', TEST]

/** Connection strings of a shell that aren't those of `.env`. Both frameworks let the shell win. */
export function shadowed(app: App, env: Env): string[] {
  const files = envOf(app.snapshot.files)
  return [...new Set([...USUAL, ...variablesRead(app)])].filter((name) => {
    const value = env[name]
    return value && value !== files.get(name) && leadsToDatabase(name, value)
  })
}

/** Our own steps go by `.env`, but the user's next command goes where the shell says. */
export function shadowedByShell(app: App, env: Env): Warning[] {
  const names = shadowed(app, env)
  if (names.length === 0) return []
  const dev = spell(frameworkCommand(app, 'dev'))
  const what = names.length === 1 ? "isn't the one" : "aren't the ones"
  const message = `${new Intl.ListFormat('en').format(names)} in this shell ${what} in .env, and the shell wins in \`${dev}\` and in every other command you run here. To change that: \`unset ${names.join(' ')}\``
  return [{ code: 'shell-overrides', message }]
}
