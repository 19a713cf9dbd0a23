import { RUNTIME, TEST } from '../../codemods/env/files.ts'
import { leadsToDatabase } from '../base/child-env.ts'
import { spell } from '../base/shell.ts'
import type { Warning } from '../connection/url-problem.ts'
import { type App, envOf, variablesRead } from './app.ts'
import { frameworkCommand } from './commands.ts'

const USUAL = [RUNTIME, 'DIRECT_URL', 'DIRECT_DATABASE_URL', 'SHADOW_DATABASE_URL', TEST]

/** Both frameworks let the shell win over `.env`. Our own steps don't, but the user's next command goes there. */
export function shadowedByShell(app: App, env: Readonly<Record<string, string | undefined>>): Warning[] {
  const files = envOf(app.snapshot.files)
  const names = [...new Set([...USUAL, ...variablesRead(app)])].filter((name) => {
    const value = env[name]
    return value && value !== files.get(name) && leadsToDatabase(name, value)
  })
  if (names.length === 0) return []
  const dev = spell(frameworkCommand(app, 'dev'))
  const what = names.length === 1 ? "isn't the one" : "aren't the ones"
  const message = `${new Intl.ListFormat('en').format(names)} in this shell ${what} in .env, and the shell wins in \`${dev}\` and in every other command you run here. To change that: \`unset ${names.join(' ')}\``
  return [{ code: 'shell-overrides', message }]
}
