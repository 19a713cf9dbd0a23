import type { FilesCheck } from '../types.ts'

/** Parameters of Prisma's own engine. https://www.prisma.io/docs/orm/overview/databases/postgresql#arguments */
const ENGINE_ONLY = new Set([
  'connection_limit',
  'pool_timeout',
  'connect_timeout',
  'socket_timeout',
  'pgbouncer',
  'statement_cache_size',
  'max_idle_connection_lifetime',
  'max_connection_lifetime',
])

/** From Prisma 7 on the driver adapter reads the runtime's URL, and knows none of them. */
export const deadParameters: FilesCheck = {
  code: 'dead-parameters',
  title: 'The URL has parameters that nobody reads',
  why: '',
  fix: '',
  needs: 'files',
  run({ app, runtime }) {
    const client = app.paths.dbClient === null ? '' : app.snapshot.files.get(app.paths.dbClient)!
    const isDead = ({ name, value }: { name: string; value: string }) =>
      ENGINE_ONLY.has(name) || (name === 'schema' && value !== 'public' && !client.includes('schema'))
    const names = (runtime?.url?.params ?? []).filter(isDead).map(({ name }) => name)
    const isServer = runtime?.url != null && runtime.url.scheme !== 'file' && runtime.recognised?.role !== 'http'
    if (app.prisma.major < 7 || !runtime || !isServer || names.length === 0) return []
    return [
      {
        severity: 'warning',
        path: runtime.path,
        line: runtime.line,
        detail: `Prisma ${app.prisma.major} connects by a driver adapter, which ignores ${[...new Set(names)].join(', ')} in ${runtime.name}.`,
        fix: 'Set the pool up in the adapter’s options in api/src/lib/db, and take them out of the URL.',
      },
    ]
  },
}
