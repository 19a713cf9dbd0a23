import type { ConnectionString } from './connection-string.ts'

/** A UNIX socket's directory, which replaces the host. */
export function socketOf(url: ConnectionString): string | null {
  const inHost = url.hosts[0]?.name
  if (inHost?.startsWith('/')) return inHost
  const value = url.params.findLast(({ name }) => name === 'host' || name === 'socket')?.value
  return value?.startsWith('/') ? value : null
}

/** Whether the server is on the developer's own machine, by name, address or socket. */
export function isLocal(url: ConnectionString): boolean {
  const socket = socketOf(url)
  if (socket) return !socket.startsWith('/cloudsql/')
  return url.hosts.every(({ name }) => LOOPBACK.test(name))
}

const LOOPBACK =
  /^(|([\w-]+\.)*localhost|localhost\.localdomain|ip6-localhost|127(\.\d+){3}|::1?|0\.0\.0\.0|host\.docker\.internal)$/
