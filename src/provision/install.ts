import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { childEnv } from '../base/child-env.ts'
import { ActionableError } from '../base/errors.ts'
import type { Run } from '../base/ports.ts'
import { interruptedMeanwhile, npmFailure } from './failures.ts'
import { PINS } from './pins.ts'
import { ENTRY, folderName, prismaDevFiles } from './prisma-dev-files.ts'

type Env = Readonly<Record<string, string | undefined>>

/** What bringing anything up takes. */
export interface ProvisionOptions {
  run: Run
  /** Children get of it what they need, and no connection string. */
  env: Env
  signal?: AbortSignal
  /** Told of each step, and of another port than last time. */
  onProgress: (message: string) => void
}

/** A first download on a slow line; npm itself gives up earlier when there is no network at all. */
const DOWNLOAD_TIMEOUT = 10 * 60_000

/**
 * Where `prisma dev` is kept: outside of the app, which neither needs it in production nor should have to install it,
 * and outside of the temporary folder that `prisma dev` itself uses and that a restart of the machine empties.
 */
export function cacheFolder(env: Env, platform: NodeJS.Platform = process.platform): string {
  const home = env.HOME ?? env.USERPROFILE ?? homedir()
  if (platform === 'win32') return join(env.LOCALAPPDATA ?? join(home, 'AppData', 'Local'), 'redwood-pooling')
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'redwood-pooling')
  return join(env.XDG_CACHE_HOME || join(home, '.cache'), 'redwood-pooling')
}

/** Path of the script to run with `node`; `null` before the first download. */
export function installedPrismaDev(env: Env): string | null {
  const entry = join(cacheFolder(env), folderName(prismaDevFiles()), ENTRY)
  return existsSync(entry) ? entry : null
}

/** Path of the script to run with `node`. Downloads it once with npm (65 MB); afterwards no network is needed. */
export async function installPrismaDev(options: ProvisionOptions): Promise<string> {
  const files = prismaDevFiles()
  const folder = join(cacheFolder(options.env), folderName(files))
  const entry = join(folder, ENTRY)
  if (existsSync(entry)) return entry
  options.onProgress(`Downloading prisma dev ${PINS.prismaDev} (65 MB, once)`)
  const unfinished = await freshFolder(folder)
  try {
    await fill(unfinished, files, options)
    await rename(unfinished, folder).catch((error) => {
      // Two runs at a time may both have downloaded; either folder will do.
      if (!existsSync(entry)) throw error
    })
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
  return entry
}

async function freshFolder(folder: string): Promise<string> {
  try {
    await mkdir(dirname(folder), { recursive: true })
    return await mkdtemp(`${folder}.unfinished-`)
  } catch (cause) {
    throw new ActionableError(`${dirname(folder)} must be writable: prisma dev is kept there.`, {
      code: 'cache-not-writable',
      fix: 'Make the folder writable, or set XDG_CACHE_HOME to one that is.',
      cause,
    })
  }
}

async function fill(folder: string, files: Record<string, string>, options: ProvisionOptions): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  const { run, env, signal } = options
  const result = await run(NPM_INSTALL, { cwd: folder, env: childEnv(env, 'npm'), timeout: DOWNLOAD_TIMEOUT, signal })
  if (signal?.aborted) throw interruptedMeanwhile()
  if (result.exitCode !== 0) throw npmFailure(result, `prisma dev ${PINS.prismaDev}`)
}

/** No script of a package runs. Local parts are copied, because a link would still point at the unfinished folder. */
const NPM_INSTALL: [string, ...string[]] = [
  'npm',
  'install',
  '--ignore-scripts',
  '--install-links',
  '--no-audit',
  '--no-fund',
  '--no-package-lock',
  '--prefer-offline',
  '--loglevel=error',
]
