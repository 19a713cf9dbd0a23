import { createHash } from 'node:crypto'
import { ActionableError } from '../errors.ts'

/** `prisma dev` keeps its own data beside the servers, under this name. */
const RESERVED = new Set(['durable-streams'])

export interface ServerNames {
  development: string
  test: string
}

/**
 * Names to try for an app's servers, in this order: the app's own name, then the same with six digits that follow from
 * its path, because two apps called `app` must not share a database. `prisma dev` takes letters, digits, `-` and `_`.
 */
export function candidateNames(appName: string, appRoot: string): ServerNames[] {
  const plain = appName
    .replace(/^@/, '')
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40)
  const name = plain === '' || RESERVED.has(plain) ? `${plain || 'redwood'}-app` : plain
  const digest = createHash('sha256').update(appRoot).digest('hex').slice(0, 6)
  return [name, `${name}-${digest}`].map((development) => ({ development, test: `${development}-test` }))
}

/** The first pair of which neither name is another app's or was started by hand. */
export async function chooseNames(
  candidates: readonly ServerNames[],
  isOurs: (name: string) => Promise<boolean>,
): Promise<ServerNames> {
  for (const names of candidates) {
    if ((await isOurs(names.development)) && (await isOurs(names.test))) return names
  }
  const { development, test } = candidates.at(-1)!
  throw new ActionableError(
    `There are servers ${development} or ${test} already, and they are not this app's.`,
    {
      code: 'name-taken',
      fix: `If you do not need them: npx prisma dev rm ${development},${test} --force`,
    },
  )
}
