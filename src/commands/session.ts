import { existsSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { loadParser, type Parser } from '../../codemods/module/parse.ts'
import { type App, assignmentsOf } from '../app/app.ts'
import { findRoot } from '../app/find-root.ts'
import { type GitState, readGit } from '../app/git.ts'
import { loadApp } from '../app/load.ts'
import { findInterrupted, recover } from '../apply/recover.ts'
import { withoutLoaded } from '../base/child-env.ts'
import { sanitise } from '../base/text.ts'
import { nodeFileSystem } from '../disk/file-system.ts'
import { type ApplyPorts, nodeProcesses } from '../disk/ports.ts'
import type { Arguments, Io } from './io.ts'

/** One run of a command in one app. */
export interface Session {
  app: App
  argv: Arguments
  io: Io
  root: string
  parser: Parser
  ports: ApplyPorts
  /** As inherited, but for what a host CLI has loaded from the app's files. Children get theirs from `childEnv`. */
  env: Readonly<Record<string, string | undefined>>
  /** An interrupted run was settled before anything else. */
  settled: boolean
}

/** Finds the app, settles what an interrupted run left behind, and reads the app once. */
export async function openSession(argv: Arguments, io: Io): Promise<Session> {
  const root = findRoot(typeof argv.cwd === 'string' ? resolve(io.cwd, argv.cwd) : io.cwd)
  const settled = await settleInterrupted(root, argv, io)
  const parser = await loadParser()
  const app = loadApp(root, parser, { withMigrations: argv.resetMigrations === true })
  const env = withoutLoaded(io.env, assignmentsOf(app.snapshot.files))
  const ports = applyPorts(root, `${app.paths.generated}/pooling`, io, env)
  return { argv, io, root, app, parser, ports, env, settled }
}

function applyPorts(root: string, folder: string, io: Io, env: Session['env']): ApplyPorts {
  return {
    fs: nodeFileSystem,
    clock: io.clock,
    processes: nodeProcesses,
    root,
    folder,
    isTracked: async (path) => (await readGit(root, [path], io.run, env)).tracked.has(path),
  }
}

/** Comes before anything is read: a half-written app may not even look like one. */
async function settleInterrupted(root: string, argv: Arguments, io: Io): Promise<boolean> {
  let any = false
  for (const folder of ['.redwood/pooling', '.cedar/pooling']) {
    if (!existsSync(resolve(root, folder))) continue
    const ports = applyPorts(root, folder, io, io.env)
    const found = await findInterrupted(ports)
    if (!found) continue
    const say = (line: string) => io.terminal.stderr.write(`${sanitise(line)}\n`)
    say(`An earlier run (${found.command}) was interrupted while it changed ${found.paths.length} files.`)
    if (argv.dryRun === true) {
      say('--dry-run changes nothing; the next real run undoes those changes first.')
      continue
    }
    const settled = await recover(ports)
    say('Its changes were undone.')
    any = true
    for (const kept of settled?.kept ?? []) say(`Your own edit of ${kept.path} was kept in ${kept.keptAt}.`)
  }
  return any
}

export function gitOf({ root, io, env }: Session, paths: readonly string[]): Promise<GitState> {
  return readGit(root, paths, io.run, env)
}

/** For starting, stopping and finding the app's servers of `prisma dev`. */
export function localOptions({ root, io, env }: Session) {
  return { ...io, appRoot: root, appName: basename(root), env, signal: io.terminal.signal }
}
