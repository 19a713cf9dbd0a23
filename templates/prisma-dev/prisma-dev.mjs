// Prisma's local Postgres in one fixed version. `up`, `status` and `down` answer with lines of JSON; everything else is
// prisma dev's own command line: ls, start NAME, stop NAME, rm NAME.
import { fork } from 'node:child_process'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { deleteServer, getServerStatus, killServer, ServerState } from '@prisma/dev/internal/state'

const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`)

const commands = {
  up: ({ name, owner }) => {
    const daemon = fork(createRequire(import.meta.url).resolve('@prisma/dev/internal/daemon'), [name], {
      detached: true,
      stdio: 'ignore',
    })
    say({ pid: daemon.pid })
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
      process.once(signal, () => {
        daemon.kill('SIGKILL')
        process.exit(130)
      })
    const leave = (code) => {
      if (daemon.connected) daemon.disconnect()
      daemon.unref()
      process.exitCode = code
    }
    daemon.once('error', (error) => say({ error: error.message }))
    daemon.once('exit', (code) => {
      say({ error: `it ended with ${code}` })
      leave(1)
    })
    daemon.once('message', async (message) => {
      daemon.removeAllListeners('exit')
      if (message.type !== 'started') {
        say({ error: message.error, code: message.code })
        return leave(1)
      }
      writeFileSync(join(await folderOf(name), OWNER), owner)
      say({ started: true })
      leave(0)
    })
  },

  status: async ({ name }) => {
    const found = await getServerStatus(name)
    const folder = await folderOf(name)
    say({
      status: found.status,
      pid: found.pid ?? null,
      alive: found.pid !== undefined && isAlive(found.pid),
      lockAge: folder && existsSync(join(folder, '.lock')) ? ageOf(join(folder, '.lock')) : null,
      owner: folder && existsSync(join(folder, OWNER)) ? readFileSync(join(folder, OWNER), 'utf8') : null,
      port: found.databasePort > 0 ? found.databasePort : null,
      url: found.exports?.database.connectionString ?? null,
      shadowUrl: found.exports?.shadowDatabase.connectionString ?? null,
    })
  },

  down: async ({ name, pid, remove }) => {
    if (pid) await terminate(Number(pid))
    await killServer(name)
    if (remove) await deleteServer(name)
    say({ stopped: true })
  },
}

/** Whose server it is: the app's root, so that two apps of one name never share a database. */
const OWNER = 'redwood-pooling-app'

async function folderOf(name) {
  const state = await ServerState.fromServerDump({ name }).catch(() => null)
  return state && dirname(state.pgliteDataDirPath)
}

const ageOf = (path) => Math.max(0, Date.now() - statSync(path).mtimeMs)

function isAlive(pid) {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** A server that is still starting lets the first SIGTERM pass. */
async function terminate(pid) {
  for (let tries = 0; tries < 50 && isAlive(pid); tries++) {
    try {
      process.kill(pid, tries < 40 ? 'SIGTERM' : 'SIGKILL')
    } catch {}
    await sleep(100)
  }
}

const [command, json] = process.argv.slice(2)
if (Object.hasOwn(commands, command)) await commands[command](JSON.parse(json))
else await (await import('@prisma/cli-dev')).run(process.argv.slice(2), {})
