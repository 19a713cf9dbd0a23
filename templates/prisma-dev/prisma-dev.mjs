// Prisma's local Postgres in one fixed version. `up`, `status` and `down` answer with lines of JSON; everything else is
// prisma dev's own command line: ls, start NAME, stop NAME, rm NAME.
import { fork, spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { deleteServer, getServerStatus, killServer } from '@prisma/dev/internal/state'

const commands = {
  up: async ({ name, owner, fresh, port }) => {
    if (port && !(await isFree(port))) return say({ error: `Port ${port} is not available.` })
    const folder = folderOf(name)
    if (fresh) rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    // Anyone who can read the folder has the database.
    chmodSync(folder, 0o700)
    const id = readMark(folder).id ?? randomUUID()
    writeMark(folder, { owner, id, ready: !fresh })
    const daemon = fork(createRequire(import.meta.url).resolve('@prisma/dev/internal/daemon'), [name], {
      detached: true,
      stdio: 'ignore',
    })
    let end
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
      process.on(signal, async () => {
        daemon.removeAllListeners()
        await (end ??= terminate(daemon.pid, fresh))
        process.exit(130)
      })
    // After an error it ends by itself, and this with it.
    const failed = (error) => {
      daemon.removeAllListeners()
      say({ error })
      process.exitCode = 1
    }
    daemon.once('error', ({ message }) => failed(message))
    daemon.once('exit', (code, signal) => failed(`it ended with ${signal ?? code}`))
    daemon.once('message', async (message) => {
      if (message.type !== 'started') return failed(message.error)
      writeMark(folder, { owner, id, ready: true })
      say(await statusOf(name))
      daemon.removeAllListeners()
      daemon.disconnect()
      daemon.unref()
    })
  },

  status: async ({ names }) => {
    for (const name of names) say(await statusOf(name))
  },

  down: async ({ name, remove }) => {
    const { heldBy } = await statusOf(name)
    if (heldBy) await terminate(heldBy, remove)
    await killServer(name)
    if (remove) await deleteServer(name)
    say({ stopped: true })
  },
}

async function statusOf(name) {
  const found = await getServerStatus(name)
  const folder = folderOf(name)
  const lock = join(folder, '.lock')
  const holds = existsSync(lock) && found.pid !== undefined && isServer(found.pid, name, lock)
  return {
    name,
    status: found.status,
    exists: existsSync(folder),
    ...readMark(folder),
    heldBy: holds ? found.pid : null,
    port: found.databasePort > 0 ? found.databasePort : null,
    url: found.exports?.database.connectionString ?? null,
    shadowUrl: found.exports?.shadowDatabase.connectionString ?? null,
  }
}

// Ids of processes are used again. A server that is alive renews its lock every five seconds, unless it is busy.
function isServer(pid, name, lock) {
  if (!send(pid, 0)) return false
  if (process.platform === 'win32') return Date.now() - statSync(lock).mtimeMs < 15_000
  const { stdout, error } = spawnSync('ps', ['-ww', '-o', 'args=', '-p', String(pid)], { encoding: 'utf8' })
  return error !== undefined || stdout.trimEnd().endsWith(` ${name}`)
}

// Whose server it is, so that two apps of one name never share a database, whether it has ever come up, and what it
// sets on its database, so that a client can recognise it among other servers.
function writeMark(folder, mark) {
  writeFileSync(join(folder, 'redwood-pooling.json'), `${JSON.stringify(mark)}\n`)
}

function readMark(folder) {
  const byHand = { owner: null, ready: true, id: null }
  try {
    return { ...byHand, ...JSON.parse(readFileSync(join(folder, 'redwood-pooling.json'), 'utf8')) }
  } catch {
    return byHand
  }
}

// Where @prisma/dev keeps its servers, which it does not export.
function folderOf(name) {
  const { LOCALAPPDATA, XDG_DATA_HOME } = process.env
  const home = homedir()
  if (process.platform === 'win32')
    return join(LOCALAPPDATA || join(home, 'AppData', 'Local'), 'prisma-dev-nodejs', 'Data', name)
  if (process.platform === 'darwin')
    return join(home, 'Library', 'Application Support', 'prisma-dev-nodejs', name)
  return join(XDG_DATA_HOME || join(home, '.local', 'share'), 'prisma-dev-nodejs', name)
}

function isFree(port) {
  return new Promise((resolve) => {
    const probe = createServer().once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}

// A server that is still starting takes no notice of SIGTERM, and a second one would cut short its closing.
async function terminate(pid, atOnce) {
  send(pid, atOnce ? 'SIGKILL' : 'SIGTERM')
  for (let tries = 0; tries < 50 && send(pid, 0); tries++) await sleep(100)
  send(pid, 'SIGKILL')
}

// Whether there is such a process; the signal 0 only asks.
function send(pid, signal) {
  try {
    return process.kill(pid, signal)
  } catch (error) {
    return error.code === 'EPERM'
  }
}

function say(value) {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}

const [command, json] = process.argv.slice(2)
if (Object.hasOwn(commands, command)) await commands[command](JSON.parse(json))
else await (await import('@prisma/cli-dev')).run(process.argv.slice(2), {})
