import { spawn } from 'node:child_process'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from './server.ts'

/** Something that listens on a port of 127.0.0.1 and isn't a database server as it should be. */
export interface OddServer {
  port: number
  stop(): Promise<void>
}

async function listening(server: Server): Promise<OddServer> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export const httpServer = () => listening(createHttpServer((_, response) => response.end('hello')))

export const closesAtOnce = () => listening(createServer((socket) => socket.destroy()))

export const neverAnswers = () => listening(createServer(() => {}))

/** Passes everything on to a server, each piece of the client's after a while. */
export const slowProxy = (port: number, ms: number) =>
  listening(
    createServer((client) => {
      const server = connect(port, '127.0.0.1')
      server.on('error', () => client.destroy())
      client.on('data', (bytes) => void sleep(ms).then(() => server.write(bytes)))
      client.on('close', () => void sleep(2 * ms).then(() => server.end()))
      server.on('data', (bytes) => client.write(bytes))
      server.on('close', () => client.destroy())
    }),
  )

/** Passes on what a client sends at first, as much as a login and one question, and then nothing. */
export const stallingProxy = (port: number) =>
  listening(
    createServer((client) => {
      const server = connect(port, '127.0.0.1')
      let left = 4
      server.on('error', () => client.destroy())
      client.on('data', (bytes) => {
        left -= 1
        if (left >= 0) server.write(bytes)
      })
      client.on('close', () => server.end())
      server.on('data', (bytes) => client.write(bytes))
    }),
  )

/** Its queue of connections is full, so that the kernel drops what a client sends first, as a firewall does. */
export async function filteredPort(): Promise<OddServer> {
  const port = await freePort()
  const program =
    'use Socket; socket(S, PF_INET, SOCK_STREAM, 0); bind(S, sockaddr_in($ARGV[0], INADDR_LOOPBACK)); listen(S, 0); sleep'
  const child = spawn('perl', ['-e', program, String(port)], { stdio: 'ignore' })
  const waiting: Socket[] = []
  const isFull = () =>
    new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1')
      waiting.push(socket)
      const answer = (full: boolean) => {
        clearTimeout(timer)
        resolve(full)
      }
      const timer = setTimeout(() => answer(true), 500)
      socket.on('connect', () => answer(false))
      socket.on('error', () => setTimeout(() => answer(false), 50))
    })
  while (!(await isFull())) if (child.exitCode !== null) throw new Error('perl ended')
  return {
    port,
    stop: async () => {
      for (const socket of waiting) socket.destroy()
      child.kill()
    },
  }
}
