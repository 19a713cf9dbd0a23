import { createHash } from 'node:crypto'

/** `prisma dev` keeps its own data beside the servers, under this name. */
const RESERVED = new Set(['durable-streams'])

type ServerNames = readonly [development: string, test: string]

/**
 * Names to try for an app's servers, in this order: the app's own name, then the same with six digits that follow from
 * its path, because two apps called `app` must not share a database. `prisma dev` takes letters, digits, `-` and `_`.
 */
export function candidateNames(appName: string, appRoot: string): [ServerNames, ServerNames] {
  const plain = appName
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40)
  const name = plain === '' || RESERVED.has(plain) ? `${plain || 'redwood'}-app` : plain
  const digest = createHash('sha256').update(appRoot).digest('hex').slice(0, 6)
  const pair = (name: string): ServerNames => [name, `${name}-test`]
  return [pair(name), pair(`${name}-${digest}`)]
}
