import { RUNTIME } from '../../../codemods/env/files.ts'
import { isPrismaScheme, KINDS, SCHEMES } from '../../connection/kinds.ts'
import type { FilesCheck, Found } from '../types.ts'

export const databaseKind: FilesCheck = {
  code: 'database-kind',
  title: 'The URL is for another kind of database than the schema',
  why: 'Nothing can connect.',
  fix: "Put the database's URL into DATABASE_URL, or its kind into the schema: `pooling` does the latter.",
  seen: [/the URL must start with the protocol/i],
  run({ app: { kind, names }, urls, runtime }) {
    const own = [names.runtime ?? RUNTIME, names.direct]
    return urls.flatMap((entry): Found[] => {
      const of = entry.url && !isPrismaScheme(entry.url.scheme) ? SCHEMES[entry.url.scheme] : null
      if (!kind || !of || !own.includes(entry.name) || family(of) === family(kind)) return []
      const { name, path, line } = entry
      const detail = `${name} is ${KINDS[of].name}'s, but the schema says ${kind}.`
      if (name !== (names.runtime ?? RUNTIME) || entry === runtime) return [{ severity: 'error', path, line, detail }]
      const why = 'Wherever no other value is set, nothing can connect.'
      return [{ severity: 'warning', path, line, detail, why, fix: `Take the line out of ${path}.` }]
    })
  },
}

/** CockroachDB speaks PostgreSQL's protocol, and its URLs are PostgreSQL's. */
function family(kind: keyof typeof KINDS): string {
  return kind === 'cockroachdb' ? 'postgresql' : kind
}
