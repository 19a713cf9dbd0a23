import { readText } from '../app/snapshot.ts'
import type { Answers } from '../ask/types.ts'
import { look } from '../live/look.ts'
import { askPgbouncer } from '../live/pgbouncer.ts'
import { providerOf } from '../providers/index.ts'
import type { ServerFacts } from '../providers/types.ts'
import type { Session } from './session.ts'

/**
 * Asks the servers what the plan depends on, where it does: a PgBouncer's configuration, or a sum of connections. Like
 * everything outside of the app it is left out of a dry run, and with `--no-verify`.
 */
export async function serverFacts(
  { provider, pooled, direct, verify, sizing }: Answers,
  { root, argv, io: { connect } }: Session,
): Promise<ServerFacts> {
  const { remembered } = providerOf(provider)
  if (!remembered && sizing.instances === undefined) return {}
  const before = remembered?.((path) => readText(root, path)) ?? {}
  if (verify === false || argv.dryRun === true) return before
  const [seen, pgbouncer] = await Promise.all([
    direct ? look(direct, connect) : null,
    pooled && remembered ? askPgbouncer(pooled, connect) : null,
  ])
  const maxConnections = seen?.reached ? seen.maxConnections : undefined
  return {
    ...before,
    maxConnections: maxConnections ?? before.maxConnections,
    pgbouncerVersion: pgbouncer?.version ?? before.pgbouncerVersion,
  }
}
