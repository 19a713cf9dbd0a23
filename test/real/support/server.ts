import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type ListenOptions, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { cleanEnv, type Env, must } from './process.ts'

/** Below the ports that the kernel gives to connections and to those who ask for any. */
const ports = { from: 20_000, to: 30_000 }

/**
 * A loopback TCP port for a server that can't ask for any: nobody else gets it before this process ends, not even
 * while that server is down.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(ports.from, ports.to)
    if ((await isClaimed(port)) && (await isUnused(port))) return port
  }
}

/** By a name that the kernel gives to one process at a time and takes back at its end. */
const isClaimed = (port: number) => listens(createServer().unref(), { path: `\0pooling-test-port-${port}` })

async function isUnused(port: number): Promise<boolean> {
  const probe = createServer()
  if (!(await listens(probe, { port, host: '127.0.0.1' }))) return false
  await new Promise((resolve) => probe.close(resolve))
  return true
}

const listens = (server: Server, at: ListenOptions) =>
  new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false))
    server.listen(at, () => resolve(true))
  })

/** The first of the paths that exists, or an error that names the Debian package which brings it. */
export function requireFile(what: string, debianPackage: string, candidates: string[]): string {
  const found = candidates.find((candidate) => existsSync(candidate))
  if (found !== undefined) return found
  throw new Error(
    `${what} is missing (looked at ${candidates.join(', ')}). Install it: apt-get install -y ${debianPackage}`,
  )
}

const isRoot = process.getuid?.() === 0

/** PostgreSQL and PgBouncer both refuse to run as root; Debian's packages bring this user for them. */
const serverUser = 'postgres'

/** A fresh temporary directory that the servers' user may write to. */
export async function serverDir(prefix: string): Promise<string> {
  const dir = await mkdtemp(path.join(tmpdir(), prefix))
  await giveToServer(dir)
  return dir
}

/** Hands files over to the servers' user. */
export async function giveToServer(...files: string[]): Promise<void> {
  if (isRoot) await must('chown', ['-R', `${serverUser}:${serverUser}`, ...files])
}

const demote = isRoot ? [`--reuid=${serverUser}`, `--regid=${serverUser}`, '--init-groups'] : []

/** The command line that runs a command as the servers' user. */
export const asServer = (file: string, args: string[]): [string, string[]] =>
  isRoot ? ['setpriv', [...demote, file, ...args]] : [file, args]

export interface ServerProcess {
  pid: number
  /** What it has printed so far. */
  log(): string
  hasExited(): boolean
  kill(signal: NodeJS.Signals): void
  /** Sends the signal, waits, and sends SIGKILL after ten seconds. */
  stop(signal?: NodeJS.Signals): Promise<void>
}

/** Starts a server in the foreground; it dies with this process, even when this process is killed. */
export function startServer(file: string, args: string[], options: { cwd: string; env?: Env }): ServerProcess {
  const child = spawn('setpriv', ['--pdeathsig=KILL', ...demote, file, ...args], {
    cwd: options.cwd,
    env: { ...cleanEnv(), ...options.env } as NodeJS.ProcessEnv,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  let ended = false
  const collect = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-200_000)
  }
  child.stdout.on('data', collect)
  child.stderr.on('data', collect)
  const exited = new Promise<void>((resolve) => {
    const finish = () => {
      ended = true
      resolve()
    }
    child.once('exit', finish)
    child.once('error', (error) => {
      output += error.message
      finish()
    })
  })
  return {
    pid: child.pid ?? -1,
    log: () => output,
    hasExited: () => ended,
    kill: (signal) => void child.kill(signal),
    async stop(signal = 'SIGTERM') {
      if (ended) return
      child.kill(signal)
      const timer = setTimeout(() => child.kill('SIGKILL'), 10_000)
      await exited
      clearTimeout(timer)
    },
  }
}

const accepts = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const answer = (open: boolean) => {
      socket.destroy()
      resolve(open)
    }
    socket.once('connect', () => answer(true))
    socket.once('error', () => answer(false))
  })

/** Waits until `ready` (by default: the port accepts connections); fails with the server's own words. */
export async function waitForServer(
  name: string,
  server: ServerProcess,
  port: number,
  ready: () => Promise<boolean> = () => accepts(port),
): Promise<void> {
  const deadline = Date.now() + 120_000
  while (!server.hasExited() && Date.now() < deadline) {
    if (await ready()) return
    await sleep(50)
  }
  await server.stop('SIGKILL')
  throw new Error(`${name} did not start on port ${port}:\n${server.log()}`)
}

/** Removes a server's directory. */
export const removeDir = (dir: string) => rm(dir, { recursive: true, force: true, maxRetries: 3 })
