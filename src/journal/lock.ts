import { randomBytes } from 'node:crypto'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ActionableError } from '../base/errors.ts'
import { parseJson, sanitiseLine, utf8 } from '../base/text.ts'
import { isAbsence, unlessAbsent } from '../disk/file-errors.ts'
import { namesOrNone, statOrNull, unlinkIfThere } from '../disk/file-system.ts'
import type { ApplyPorts } from '../disk/ports.ts'
import { makeFolders, prepare, removeIfEmpty } from '../disk/write.ts'
import { Journal } from './journal.ts'

/** Who holds the lock. */
interface Claim {
  /** Of its file in the journal's folder. */
  name: string
  pid: number
  host: string
  /** Tells processes of one pid apart. */
  start?: string
  /** ISO 8601, UTC. */
  startedAt: string
  command: string
}

const CLAIM = /^lock-(\d+)-[0-9a-f]+\.json$/
const ATTEMPTS = 6

/**
 * Lets one run at a time change the app.
 *
 * Every run writes a claim under its own name and then looks for others. Of two that overlap, at least one sees
 * the other and steps back; claims of dead processes can be cleared by anybody at any time, since no name is ever
 * used twice. So there is no moment in which clearing a stale lock can take away a live one.
 *
 * @param work gets ports that hold the lock; those of a caller that holds it already do
 * @throws {ActionableError} `locked` that says who holds it
 */
export async function underLock<T>(
  ports: ApplyPorts,
  command: string,
  work: (ports: ApplyPorts) => Promise<T>,
): Promise<T> {
  if (ports.isLocked) return work(ports)
  const journal = await Journal.open(ports)
  const mine = `lock-${ports.processes.pid}-${randomBytes(6).toString('hex')}.json`
  try {
    const holder = await claimOrHolder(journal, mine, command)
    if (holder) throw locked(holder, ports.folder)
    await hideFromGit(journal)
    return await work({ ...ports, isLocked: true })
  } finally {
    // A lock that can't be taken away is stale as soon as this process is gone.
    await leaveNothing(journal, mine).catch(() => {})
    await unlinkIfThere(journal.fs, join(journal.folder, mine)).catch(() => {})
    await removeIfEmpty(journal.fs, journal.folder).catch(() => {})
    await removeIfEmpty(journal.fs, dirname(journal.folder)).catch(() => {})
  }
}

/** Who is at work in the app just now; reads only. */
export async function currentHolder(ports: ApplyPorts): Promise<Claim | null> {
  const journal = await Journal.open(ports)
  for (const claim of await claims(journal)) if (await isLive(journal, claim)) return claim
  return null
}

/** Null once the lock is ours. */
async function claimOrHolder(journal: Journal, mine: string, command: string): Promise<Claim | null> {
  const place = join(journal.folder, mine)
  for (let attempt = 1; ; attempt++) {
    try {
      await makePrivateFolder(journal)
      await writeClaim(journal, place, command)
    } catch (error) {
      // A run that ends takes the empty folder away.
      if (!isAbsence(error) || attempt === ATTEMPTS) throw error
      continue
    }
    const holder = await otherHolder(journal, mine)
    if (!holder || attempt === ATTEMPTS) return holder
    await unlinkIfThere(journal.fs, place)
    await sleep(5 + Math.random() * 35)
  }
}

/** Removes the claims of runs that are gone. */
async function otherHolder(journal: Journal, mine: string): Promise<Claim | null> {
  for (const claim of await claims(journal)) {
    if (claim.name === mine) continue
    if (await isLive(journal, claim)) return claim
    await unlinkIfThere(journal.fs, join(journal.folder, claim.name))
  }
  return null
}

async function makePrivateFolder({ fs, folder }: Journal): Promise<void> {
  await makeFolders(fs, dirname(folder), 0o777)
  await makeFolders(fs, folder, 0o700)
  const { mode } = await fs.lstat(folder)
  if ((mode & 0o077) !== 0) await fs.chmod(folder, 0o700)
}

/** The journal holds secrets, whatever the app's own .gitignore says of its folder. */
async function hideFromGit({ fs, folder }: Journal): Promise<void> {
  const place = join(folder, '.gitignore')
  const stat = await statOrNull(fs, place)
  if (stat?.kind === 'file' && utf8(await fs.readFile(place)) === '*\n') return
  // In place: what a kill leaves of it is replaced by the next run, and a temporary file would not be.
  await prepare(fs, place, { bytes: Buffer.from('*\n'), mode: 0o600 }, place)
}

/** A journal that has nothing left to hide can go; while it is locked, so that no other run counts on it. */
async function leaveNothing({ fs, folder }: Journal, mine: string): Promise<void> {
  const others = (await namesOrNone(fs, folder)).filter((name) => name !== mine)
  if (others.join() === '.gitignore') await fs.unlink(join(folder, '.gitignore'))
}

async function writeClaim({ ports, fs }: Journal, place: string, command: string): Promise<void> {
  const { processes, clock } = ports
  const { pid, host } = processes
  const start = await processes.startOf(pid)
  const claim = { pid, host, start, startedAt: new Date(clock()).toISOString(), command }
  const file = await fs.create(place, 0o600)
  try {
    await file.writeFile(Buffer.from(`${JSON.stringify(claim)}\n`))
  } finally {
    await file.close()
  }
}

async function claims({ ports, fs, folder }: Journal): Promise<Claim[]> {
  const { host } = ports.processes
  const found: Claim[] = []
  for (const name of await namesOrNone(fs, folder)) {
    const pid = Number(CLAIM.exec(name)?.[1])
    const bytes = Number.isNaN(pid) ? null : await unlessAbsent(fs.readFile(join(folder, name)), null)
    if (bytes === null) continue
    const unknown = { host, startedAt: 'an unknown time', command: 'a command' }
    found.push({ ...unknown, ...textsIn(utf8(bytes)), name, pid })
  }
  return found
}

/** A claim that is being written, or whose writer died over it, is known by the pid in its name alone. */
function textsIn(json: string): Record<string, string> {
  return Object.fromEntries(Object.entries(parseJson(json) ?? {}).map(([key, value]) => [key, String(value)]))
}

async function isLive({ ports: { processes } }: Journal, { pid, host, start }: Claim): Promise<boolean> {
  // A process of another machine (a shared folder, a container) cannot be asked; better a question to the user.
  if (host !== processes.host) return true
  if (!processes.isAlive(pid)) return false
  const known = start === undefined ? undefined : await processes.startOf(pid)
  return known === undefined ? pid !== processes.pid : known === start
}

function locked({ name, pid, host, startedAt, command }: Claim, folder: string): ActionableError {
  return new ActionableError(
    `Another run is at work in this app: \`${sanitiseLine(command)}\`, process ${pid} on ${sanitiseLine(host)}, since ${sanitiseLine(startedAt)}.`,
    {
      code: 'locked',
      fix: `Wait until it is done. If that process no longer exists, delete ${sanitiseLine(`${folder}/${name}`)}.`,
    },
  )
}
