import { createRequire } from 'node:module'

/** Loaded at first use: it would be the most expensive part of `--help`, which only wants the providers' names. */
function crypto(): typeof import('node:crypto') {
  return createRequire(import.meta.url)('node:crypto')
}

const ITERATIONS = 4096

/**
 * What a server keeps instead of a password.
 * https://www.rfc-editor.org/rfc/rfc5803
 */
export function scramSecret(password: string, salt: Buffer): string {
  const { createHash, createHmac, pbkdf2Sync } = crypto()
  const salted = pbkdf2Sync(prepared(password), salt, ITERATIONS, 32, 'sha256')
  const clientKey = createHmac('sha256', salted).update('Client Key').digest()
  const storedKey = createHash('sha256').update(clientKey).digest('base64')
  const serverKey = createHmac('sha256', salted).update('Server Key').digest('base64')
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString('base64')}$${storedKey}:${serverKey}`
}

/**
 * A salt that is the same each time, so that planning twice plans nothing. It follows from who and where, but not from
 * the password, which a salt made of it would make quick to guess.
 */
export function saltOf(user: string, place: string): Buffer {
  return crypto()
    .createHash('sha256')
    .update(JSON.stringify([user, place]))
    .digest()
    .subarray(0, 16)
}

/** The part of SASLprep (RFC 4013) that changes passwords in practice. */
function prepared(password: string): string {
  return password
    .replace(/[\u00A0\u1680\u2000-\u200B\u202F\u205F\u3000]/g, ' ')
    .replace(/\u034F|[\u180B-\u180D]|[\uFE00-\uFE0F]|[\u00AD\u1806\u200C\u2060\uFEFF]|\u200D/g, '')
    .normalize('NFKC')
}
