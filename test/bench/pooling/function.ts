// Serverless functions: a process of up to fifty, each with a client of its own, driven by messages of `load.ts`.
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import pg from 'pg'
import type { Message, Operation, Reply } from './load.ts'

/** What a request needs of a client, by Prisma or without it. */
interface Client {
  read(): Promise<unknown>
  insert(email: string): Promise<unknown>
  readThree(): Promise<unknown>
  transaction(email: string): Promise<unknown>
  close(): Promise<unknown>
}

const ID = 1

/** The app's own module, evaluated anew for each function, as each function's process would. */
async function prismaClient(module: string, index: number): Promise<Client> {
  const { db } = await import(`${pathToFileURL(module).href}?function=${index}`)
  const read = () => db.userExample.findUnique({ where: { id: ID } })
  return {
    read,
    insert: (email) => db.userExample.create({ data: { email } }),
    readThree: () => Promise.all([read(), read(), read()]),
    transaction: (email) =>
      db.$transaction(async (tx: typeof db) => {
        await tx.userExample.findUnique({ where: { id: ID } })
        await tx.userExample.create({ data: { email } })
      }),
    close: () => db.$disconnect(),
  }
}

/** The floor below Prisma: the same statements by its driver, with the hand-tuned pool. */
function driverClient(): Client {
  const connectionString = process.env.DATABASE_URL
  const pool = new pg.Pool({ connectionString, max: 3, connectionTimeoutMillis: 10_000, idleTimeoutMillis: 60_000 })
  pool.on('error', () => {})
  const select = 'select id, email, name from "UserExample" where id = $1'
  const insert = 'insert into "UserExample" (email) values ($1) returning id, email, name'
  const read = () => pool.query(select, [ID])
  return {
    read,
    insert: (email) => pool.query(insert, [email]),
    readThree: () => Promise.all([read(), read(), read()]),
    async transaction(email) {
      const connection = await pool.connect()
      try {
        await connection.query('begin')
        await connection.query(select, [ID])
        await connection.query(insert, [email])
        await connection.query('commit')
        connection.release()
      } catch (error) {
        connection.release(true)
        throw error
      }
    },
    close: () => pool.end(),
  }
}

const makeClient = (module: string | null, index: number) =>
  module === null ? Promise.resolve(driverClient()) : prismaClient(module, index)

/** One request is four operations; one that fails doesn't keep the next from being tried. */
async function request(client: Client, name: string): Promise<Operation[]> {
  const steps: [string | null, () => Promise<unknown>][] = [
    [null, () => client.read()],
    [`${name}-insert`, () => client.insert(`${name}-insert`)],
    [null, () => client.readThree()],
    [`${name}-transaction`, () => client.transaction(`${name}-transaction`)],
  ]
  const operations: Operation[] = []
  for (const [written, step] of steps) {
    const start = performance.now()
    const error = await step().then(
      () => null,
      (cause: Error) => cause.message.split('\n').filter(Boolean).at(-1) ?? cause.name,
    )
    operations.push({ ms: performance.now() - start, error, written, at: Date.now() })
  }
  return operations
}

let clients: Client[] = []
let asked = 0

async function answer(message: Message): Promise<Reply> {
  if (message.do === 'make') {
    await Promise.all(clients.map((client) => client.close()))
    const indices = Array.from({ length: message.count }, (_, index) => message.first + index)
    clients = await Promise.all(indices.map((index) => makeClient(message.module, asked++ * 10_000 + index)))
    return { operations: [] }
  }
  if (message.do === 'memory') return { operations: [], rss: process.memoryUsage().rss }
  const { starts, every, until, run } = message
  const each = clients.map(async (client, index) => {
    const operations: Operation[] = []
    let next = starts[index]!
    do {
      await sleep(Math.max(0, next - Date.now()))
      operations.push(...(await request(client, `${run}-${process.pid}-${index}-${asked++}`)))
      next = Math.max(next + (every ?? 0), Date.now())
    } while (every !== null && next < until)
    return operations
  })
  return { operations: (await Promise.all(each)).flat() }
}

// Open connections would keep it alive when the bench is stopped.
process.on('disconnect', () => process.exit())
process.on('message', (message: Message) => {
  answer(message).then(
    (reply) => process.send!(reply),
    (error) => process.send!({ operations: [], failed: String(error?.stack ?? error) }),
  )
})
