import { cp, lstat, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { CommandFailed, type Env, must, type RunOptions, type RunResult, run } from './process.ts'
import { forget, readyMarker, workDir } from './work.ts'

/** A real app in a directory of its own, outside of this repository, with its packages installed. */
export interface App {
  root: string
  /** What every command of this app runs with. */
  env: Env
  /** Runs a command in the app's root; `yarn`, `npm`, `npx`, `pnpm` and `node` are the app's own. */
  run(file: string, args: string[], options?: RunOptions): Promise<RunResult>
  /** `run` that must end with 0. */
  must(file: string, args: string[], options?: RunOptions): Promise<RunResult>
  /** Puts every file outside of `node_modules` back to what it was. Packages stay as they are. */
  reset(): Promise<void>
  /** Removes the app. */
  dispose(): Promise<void>
}

/** Files in `node_modules` that tools rewrite in place: they must not be hard links into the cache. */
const rewrittenInPlace = [
  '.yarn-state.yml',
  '.package-lock.json',
  '.modules.yaml',
  '.prisma',
  '.cache',
  '.vite',
  '@prisma/client',
]

const temporaryDir = () => process.env.POOLING_APPS_DIR ?? tmpdir()

async function exists(file: string) {
  return lstat(file).then(
    () => true,
    () => false,
  )
}

/** The `node_modules` directories of an app and of its workspaces. */
async function packageDirs(root: string): Promise<string[]> {
  const candidates = ['node_modules', 'api/node_modules', 'web/node_modules']
  const present = await Promise.all(candidates.map((dir) => exists(path.join(root, dir))))
  return candidates.filter((_, index) => present[index])
}

async function sameFilesystem(a: string, b: string) {
  return (await stat(a)).dev === (await stat(b)).dev
}

async function linkPackages(from: string, to: string): Promise<void> {
  // Hard links cannot leave a file system; then it is the slow way, a full copy.
  const how = (await sameFilesystem(from, path.dirname(to))) ? '-al' : '-a'
  await must('cp', [how, from, to])
  for (const name of rewrittenInPlace) {
    const copy = path.join(to, name)
    if (!(await exists(copy))) continue
    await rm(copy, { recursive: true })
    await must('cp', ['-a', path.join(from, name), copy])
  }
}

// Yarn's own note of what is installed belongs to `node_modules`, wherever it lies.
const installState = '.yarn/install-state.gz'
const belongsToInstall = (file: string) => path.basename(file) === 'node_modules' || file.endsWith(`/${installState}`)

const copyOwnFiles = (from: string, to: string) =>
  cp(from, to, { recursive: true, verbatimSymlinks: true, filter: (file) => !belongsToInstall(file) })

async function removeOwnFiles(dir: string): Promise<void> {
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    const file = path.join(dir, entry.name)
    if (belongsToInstall(file)) continue
    if (entry.isDirectory() && ['api', 'web', '.yarn'].includes(entry.name)) await removeOwnFiles(file)
    else await rm(file, { recursive: true })
  }
}

/**
 * Fails when a file of the cached app `key` was written to after it was complete, which is a write through a
 * hard link; the next run then installs the app anew.
 */
export async function assertUntouched(key: string): Promise<void> {
  const found = await must('find', [path.join(workDir, key), '-type', 'f', '-newer', readyMarker(key)])
  const files = found.stdout.split('\n').filter(Boolean)
  if (files.length === 0) return
  await forget(key)
  throw new Error(
    `These cached files were written to through a hard link; name them in rewrittenInPlace:\n${files.slice(0, 20).join('\n')}`,
  )
}

export interface Original {
  /** The key in the cache of an app with its packages installed. */
  installed: string
  /** The directory of the app's own files; any `node_modules` in it is left out. */
  files: string
  env: Env
}

/** A fresh copy of an app. Its packages share the disk space of the original. */
export async function cloneApp({ installed, files, env }: Original): Promise<App> {
  const original = path.join(workDir, installed)
  const parent = await mkdtemp(path.join(temporaryDir(), 'pooling-app-'))
  const root = path.join(parent, 'app')
  await copyOwnFiles(files, root)
  for (const dir of await packageDirs(original)) await linkPackages(path.join(original, dir), path.join(root, dir))

  const runHere = (file: string, args: string[], options: RunOptions = {}) =>
    run(file, args, {
      ...options,
      cwd: path.resolve(root, options.cwd ?? '.'),
      env: { ...env, ...options.env },
    })
  return {
    root,
    env,
    run: runHere,
    async must(file, args, options) {
      const result = await runHere(file, args, options)
      if (result.code !== 0) throw new CommandFailed([file, ...args].join(' '), root, result)
      return result
    },
    async reset() {
      await removeOwnFiles(root)
      await copyOwnFiles(files, root)
    },
    dispose: () => rm(parent, { recursive: true, force: true, maxRetries: 3 }),
  }
}
