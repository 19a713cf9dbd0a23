import { platform } from 'node:process'
import { askToConfirm } from '../ask/prompting.ts'
import { modesLeft } from '../journal/earlier-runs.ts'
import type { FileChange, Plan } from '../plan/types.ts'
import { isInteractive } from './consent.ts'
import type { Session } from './session.ts'

/**
 * Who has an env file that every user of the machine can read is told when it gets a connection string, and may have it
 * closed. A run that left it open has told it before.
 */
export async function offerToClose(plan: Plan, session: Session): Promise<Plan> {
  const { argv, app, io, ports } = session
  const change = plan.files.find(({ path }) => plan.env.some(({ file }) => file === path))
  if (!change || !isOpen(app.snapshot.modes.get(change.path))) return plan
  const { path } = change
  // git's next checkout would open it again.
  if ((await ports.isTracked(path)) || (await modesLeft(path, ports)).some(isOpen)) return plan
  const told = `Every user of this machine can read ${path}.`
  if (argv.yes === true || !isInteractive(session)) {
    const message = `${told} Close it: chmod 600 ${path}`
    return { ...plan, warnings: [...plan.warnings, { code: 'env-file-readable', message }] }
  }
  if (!(await askToConfirm(`${told} Close it (chmod 600)?`, true, io.terminal))) return plan
  const close = (file: FileChange) => (file === change ? { ...file, newMode: 0o600 } : file)
  return { ...plan, files: plan.files.map(close) }
}

/** Windows has other means than modes. */
function isOpen(mode = 0): boolean {
  return platform !== 'win32' && (mode & 0o004) !== 0
}
