// Stands in for @electric-sql/pglite-socket 0.1.3, whose queue lets others in between the Parse, Bind, Execute and Sync
// of one query: two programs that ask at the same moment then read and write each other's values.
import { existsSync, readFileSync } from 'node:fs'
import { Server } from 'node:http'
import { dirname, join } from 'node:path'
import * as stock from 'pglite-socket-stock'

// prisma dev's HTTP interface, which works on the database without a password, would listen on every network interface.
const { listen } = Server.prototype
Server.prototype.listen = function (port, ...rest) {
  return typeof port === 'number' && typeof rest[0] !== 'string'
    ? listen.call(this, port, '127.0.0.1', ...rest)
    : listen.call(this, port, ...rest)
}

export const { CONNECTION_QUEUE_TIMEOUT, PGLiteSocketHandler } = stock

export class PGLiteSocketServer extends stock.PGLiteSocketServer {
  // As many clients as PostgreSQL takes: they are served in turn, and prisma dev would turn the eleventh away.
  constructor(options) {
    super({ ...options, maxConnections: 100 })
    this.markedDb = options.db
    this.queryQueue.db = withWholePipelines(options.db)
  }

  // The stock one waits forever when another server took the port in the meantime.
  async start() {
    await mark(this.markedDb)
    await new Promise((resolve, reject) => {
      this.addEventListener('error', ({ detail }) => reject(detail), { once: true })
      super.start().then(resolve, reject)
    })
  }
}

// All embedded servers give the same answers about themselves, and a port may be another server's tomorrow.
async function mark(db) {
  const file = join(dirname(db.dataDir ?? ''), 'redwood-pooling.json')
  if (!existsSync(file)) return
  const { id } = JSON.parse(readFileSync(file, 'utf8'))
  if (id) await db.exec(`comment on database template1 is 'redwood-pooling ${id}'`)
}

// Parse, Bind, Describe, Execute, Close, Flush: a Sync is still to come.
const PIPELINED = new Set([...'PBDECH'].map((type) => type.charCodeAt(0)))

// The queue serves one client only for as long as the database says that it is in a transaction. The lock keeps out
// the server's own queries (prisma dev reads its change log after every write).
function withWholePipelines(db) {
  let open = false
  let unlock = null

  const lock = () =>
    new Promise((locked, failed) => {
      db.runExclusive(
        () =>
          new Promise((released) => {
            unlock = released
            locked()
          }),
      ).catch(failed)
    })

  const release = () => {
    open = false
    unlock?.()
    unlock = null
  }

  return {
    isInTransaction: () => open || db.isInTransaction(),
    runExclusive: async (work) => {
      if (!unlock) await lock()
      try {
        return await work()
      } catch (error) {
        open = false
        throw error
      } finally {
        if (!open) release()
      }
    },
    execProtocolRawStream: async (message, options) => {
      const result = await db.execProtocolRawStream(message, options)
      open = PIPELINED.has(message[0])
      return result
    },
    // Takes back what a client left behind that went away.
    exec: async (sql) => {
      release()
      return await db.exec(sql)
    },
  }
}
