import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'

const ITERATIONS = 4096
const SECRET = /^SCRAM-SHA-256\$(\d+):([\w+/=]+)\$([\w+/=]+):([\w+/=]+)$/

/**
 * What PostgreSQL stores of a password, and PgBouncer signs in with in the password's place: RFC 5803. The salt only has
 * to differ from server to server: made of `place`, a later run comes to the same. `null` for a password that SASLprep
 * (RFC 4013) might change.
 */
export function scramSecret(password: string, place: string): string | null {
  if (!/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(password)) return null
  const salt = createHash('sha256').update(place).digest().subarray(0, 16)
  return secretOf(password, salt, ITERATIONS)
}

/** Whether `secret` is one of this password. */
export function isSecretOf(secret: string, password: string): boolean {
  const [, iterations, salt] = SECRET.exec(secret) ?? []
  return salt !== undefined && secretOf(password, Buffer.from(salt, 'base64'), Number(iterations)) === secret
}

function secretOf(password: string, salt: Buffer, iterations: number): string {
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256')
  const key = (name: string) => createHmac('sha256', salted).update(name).digest()
  const stored = createHash('sha256').update(key('Client Key')).digest()
  const text = (bytes: Buffer) => bytes.toString('base64')
  return `SCRAM-SHA-256$${iterations}:${text(salt)}$${text(stored)}:${text(key('Server Key'))}`
}
