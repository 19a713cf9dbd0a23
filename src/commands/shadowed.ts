import { envOf, variablesRead } from '../app/app.ts'
import { frameworkCommand } from '../app/commands.ts'
import { leadsToDatabase } from '../base/child-env.ts'
import { spell } from '../base/shell.ts'
import type { Warning } from '../connection/types.ts'
import type { Session } from './session.ts'

const USUAL = [
  'DATABASE_URL',
  'DIRECT_URL',
  'DIRECT_DATABASE_URL',
  'SHADOW_DATABASE_URL',
  'TEST_DATABASE_URL',
]

/** Both frameworks let the shell win over `.env`. Our own steps don't, but the user's next command goes there. */
export function shadowedByShell({ env, app }: Session): Warning[] {
  const files = envOf(app.snapshot.files)
  const names = [...new Set([...USUAL, ...variablesRead(app)])].filter((name) => {
    const value = env[name]
    return value && value !== files.get(name) && leadsToDatabase(name, value)
  })
  if (names.length === 0) return []
  const dev = spell(frameworkCommand(app, 'dev'))
  const message = `This shell sets ${names.join(', ')} to something else than .env does, and wins over it in \`${dev}\` and every other command that you run here. To take that out: unset ${names.join(' ')}`
  return [{ code: 'shell-overrides', message }]
}
