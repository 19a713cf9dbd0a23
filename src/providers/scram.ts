import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'

const ITERATIONS = 4096

/**
 * What a server keeps instead of a password. The salt follows from the user and the place, so that the same inputs
 * give the same line; not from the password, which it would make quick to guess.
 * https://www.rfc-editor.org/rfc/rfc5803
 */
export function scramSecret(user: string, password: string, place: string): string {
  const salt = createHash('sha256')
    .update(JSON.stringify([user, place]))
    .digest()
    .subarray(0, 16)
  const salted = pbkdf2Sync(prepared(password), salt, ITERATIONS, 32, 'sha256')
  const clientKey = createHmac('sha256', salted).update('Client Key').digest()
  const storedKey = createHash('sha256').update(clientKey).digest('base64')
  const serverKey = createHmac('sha256', salted).update('Server Key').digest('base64')
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString('base64')}$${storedKey}:${serverKey}`
}

/** The part of SASLprep (RFC 4013) that changes passwords in practice. */
function prepared(password: string): string {
  return password
    .replace(/[\u00A0\u1680\u2000-\u200B\u202F\u205F\u3000]/g, ' ')
    .replace(/\u034F|[\u180B-\u180D]|[\uFE00-\uFE0F]|[\u00AD\u1806\u200C\u2060\uFEFF]|\u200D/g, '')
    .normalize('NFKC')
}
