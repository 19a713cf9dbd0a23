import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ActionableError } from '../base/errors.ts'
import { sanitiseLine } from '../base/text.ts'
import { explain, onFile } from '../disk/file-errors.ts'
import { isAbsence, namesOrNone, statOrNull, unlinkIfThere } from '../disk/file-system.ts'
import { innerPath, locate } from '../disk/paths.ts'
import type { ApplyPorts, Lock } from '../disk/ports.ts'
import { makeFolders, prepare, removeIfEmpty } from '../disk/write.ts'
import { journalFolder } from './folder.ts'

/** Who holds the lock. */
export interface Holder {
  pid: number
  host: string
  /** ISO 8601, UTC. */
  startedAt: string
  command: string
  /** The file to delete should the holder be gone for good; POSIX, relative to the app's root. */
  file: string
}

interface Claim {
  pid: number
  host?: string
  start?: string
  startedAt?: string
  command?: string
}

const CLAIM = /^lock-(\d+)-[0-9a-f]+\.json$/
const ATTEMPTS = 6

/**
 * Lets one run at a time change the app.
 *
 * Every run writes a claim under a name of its own and then looks for others. Of two that overlap, at least one sees
 * the other and steps back; claims of dead processes can be cleared by anybody at any time, since no name is ever
 * used twice. So there is no moment in which clearing a stale lock can take away a live one.
 *
 * @throws {ActionableError} `locked` that says who holds it
 */
export async function acquireLock(ports: ApplyPorts, command: string): Promise<Lock> {
  const { fs, processes } = ports
  const { realRoot, folder } = await journalFolder(ports)
  const created = await onFile(ports.folder, () => makePrivateFolder(ports, folder))
  const createdFolders = created.map((place) => innerPath(realRoot, place))
  const mine = `lock-${processes.pid}-${randomBytes(6).toString('hex')}.json`
  const surplus = new Set(createdFolders)
  const release = async () => {
    if (surplus.has(innerPath(realRoot, folder))) await showToGit(ports, folder, mine).catch(() => {})
    await unlinkIfThere(fs, join(folder, mine)).catch(() => {})
    await removeEmpty(ports, realRoot, [...surplus])
  }
  const tidyUp = (folders: readonly string[]) => {
    for (const path of folders) surplus.add(path)
  }
  try {
    const holder = await onFile(ports.folder, () => claimOrHolder(ports, { folder, mine, command }))
    if (holder) throw locked(holder)
    await onFile(ports.folder, () => hideFromGit(ports, folder))
    return { createdFolders, tidyUp, release }
  } catch (error) {
    await release()
    throw error
  }
}

/** Null once the lock is ours. */
async function claimOrHolder(
  ports: ApplyPorts,
  { folder, mine, command }: { folder: string; mine: string; command: string },
): Promise<Holder | null> {
  for (let attempt = 1; ; attempt++) {
    await writeClaim(ports, join(folder, mine), command)
    const holder = await liveHolder(ports, folder, mine)
    if (!holder || attempt === ATTEMPTS) return holder
    await unlinkIfThere(ports.fs, join(folder, mine))
    await sleep(5 + Math.random() * 35)
  }
}

/** Runs `work` under the caller's lock, or under one of its own. */
export async function underLock<T>(
  ports: ApplyPorts,
  command: string,
  work: (lock: Lock) => Promise<T>,
): Promise<T> {
  if (ports.lock) return work(ports.lock)
  const lock = await acquireLock(ports, command)
  try {
    return await work(lock)
  } finally {
    await lock.release()
  }
}

/** Who else is at work in the app just now; reads only. */
export async function currentHolder(ports: ApplyPorts): Promise<Holder | null> {
  const { folder } = await journalFolder(ports)
  for (const claim of await onFile(ports.folder, () => claims(ports, folder))) {
    if (await isLive(ports, claim)) return toHolder(ports, claim)
  }
  return null
}

async function makePrivateFolder(ports: ApplyPorts, folder: string): Promise<string[]> {
  const { fs } = ports
  const created = await makeFolders(fs, join(folder, '..'), 0o777)
  const own = await makeFolders(fs, folder, 0o700)
  const { mode } = await fs.lstat(folder)
  if ((mode & 0o077) !== 0) await fs.chmod(folder, 0o700)
  return [...created, ...own]
}

/** The journal holds secrets, whatever the app's own .gitignore says of its folder. */
async function hideFromGit({ fs }: ApplyPorts, folder: string): Promise<void> {
  const place = join(folder, '.gitignore')
  const stat = await statOrNull(fs, place)
  if (stat?.kind === 'file' && Buffer.from(await fs.readFile(place)).toString() === '*\n') return
  // In place: what a kill leaves of it is replaced by the next run, and a temporary file would not be.
  await prepare(fs, place, { bytes: Buffer.from('*\n'), mode: 0o600 }, place)
}

/** What a folder holds that has nothing left to hide can go; while it is locked, so that no other run counts on it. */
async function showToGit({ fs }: ApplyPorts, folder: string, mine: string): Promise<void> {
  const others = (await namesOrNone(fs, folder)).filter((name) => name !== mine)
  if (others.join() === '.gitignore') await fs.unlink(join(folder, '.gitignore'))
}

async function removeEmpty(ports: ApplyPorts, realRoot: string, folders: string[]): Promise<void> {
  for (const path of folders.sort().reverse()) {
    const place = await locate(ports.fs, realRoot, path).catch(() => null)
    if (place) await removeIfEmpty(ports.fs, place).catch(() => {})
  }
}

async function writeClaim(ports: ApplyPorts, place: string, command: string): Promise<void> {
  const { fs, processes, clock } = ports
  const claim: Claim = {
    pid: processes.pid,
    host: processes.host,
    start: await processes.startOf(processes.pid),
    startedAt: new Date(clock()).toISOString(),
    command,
  }
  const file = await fs.create(place, 0o600)
  try {
    await file.write(Buffer.from(`${JSON.stringify(claim)}\n`))
  } finally {
    await file.close()
  }
}

async function liveHolder(ports: ApplyPorts, folder: string, mine: string): Promise<Holder | null> {
  for (const claim of await claims(ports, folder)) {
    if (claim.name === mine) continue
    if (await isLive(ports, claim)) return toHolder(ports, claim)
    await unlinkIfThere(ports.fs, join(folder, claim.name))
  }
  return null
}

type NamedClaim = Claim & { name: string }

async function claims(ports: ApplyPorts, folder: string): Promise<NamedClaim[]> {
  const found: NamedClaim[] = []
  for (const name of await namesOrNone(ports.fs, folder)) {
    const pid = CLAIM.exec(name)?.[1]
    if (pid === undefined) continue
    try {
      const text = Buffer.from(await ports.fs.readFile(join(folder, name))).toString('utf8')
      found.push({ ...readClaim(text), pid: Number(pid), name })
    } catch (error) {
      if (!isAbsence(error)) throw explain(error, `${ports.folder}/${name}`)
    }
  }
  return found
}

/** A claim that is being written, or whose writer died over it, is known by the pid in its name alone. */
function readClaim(text: string): Omit<Claim, 'pid'> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null) return {}
    const entries = Object.entries(value).filter(([, entry]) => typeof entry === 'string')
    return Object.fromEntries(entries)
  } catch {
    return {}
  }
}

async function isLive(ports: ApplyPorts, claim: Claim): Promise<boolean> {
  const { processes } = ports
  // A process of another machine (a shared folder, a container) cannot be asked; better a question to the user.
  if (claim.host !== undefined && claim.host !== processes.host) return true
  if (!processes.isAlive(claim.pid)) return false
  const start = claim.start === undefined ? undefined : await processes.startOf(claim.pid)
  if (start !== undefined) return start === claim.start
  return claim.pid !== processes.pid
}

function toHolder(ports: ApplyPorts, claim: NamedClaim): Holder {
  return {
    pid: claim.pid,
    host: claim.host ?? ports.processes.host,
    startedAt: claim.startedAt ?? 'an unknown time',
    command: claim.command ?? 'a command',
    file: `${ports.folder}/${claim.name}`,
  }
}

function locked(holder: Holder): ActionableError {
  const { pid, host, startedAt, command, file } = holder
  return new ActionableError(
    `Another run is at work in this app: \`${sanitiseLine(command)}\`, process ${pid} on ${sanitiseLine(host)}, since ${sanitiseLine(startedAt)}.`,
    {
      code: 'locked',
      fix: `Wait until it is done. If that process no longer exists, delete ${sanitiseLine(file)}.`,
    },
  )
}
