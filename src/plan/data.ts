import { RUNTIME } from '../../codemods/env/files.ts'
import { envOf } from '../app/app.ts'
import { readUrl } from '../connection/connection-string.ts'
import { type DatabaseKind, isPrismaScheme, KINDS } from '../connection/kinds.ts'
import { sameDatabase } from '../providers/same-database.ts'
import type { PlanDraft } from './draft.ts'
import type { PlanInput } from './input.ts'
import { lockedKind } from './migrations.ts'
import { firstMigration } from './tables.ts'

/** Each command asks for its database's password. https://www.postgresql.org/docs/current/app-pgdump.html */
const COPY: Partial<Record<DatabaseKind, string[]>> = {
  postgresql: [
    'pg_dump -Fc -O -x -f data.dump "postgres://USER@OLD-HOST:5432/DATABASE?sslmode=require"',
    'pg_restore -1 -O -x -d "postgres://USER@NEW-HOST:5432/DATABASE?sslmode=require" data.dump',
  ],
  mysql: [
    'mysqldump --single-transaction -h OLD-HOST -u USER -p DATABASE > data.sql',
    'mysql -h NEW-HOST -u USER -p DATABASE < data.sql',
  ],
}

/** Steps about tables and rows for an app that goes to another database than it is on. */
export function dataSteps({ files }: PlanDraft, { today: app, answers }: PlanInput, kind: DatabaseKind): string[] {
  const { pooled, direct, envFile } = answers
  if (answers.temporary || (answers.local && envFile !== null)) return []
  if (app.kind === 'sqlite' && kind !== 'sqlite') {
    const hasHistory = answers.local || lockedKind(files, app.paths.migrations) !== null
    return [
      `Data doesn't move by itself: what is in the SQLite file stays there. To copy it into ${KINDS[kind].name} once the tables are there: https://pgloader.io`,
      ...(hasHistory ? [] : [firstMigration(app)]),
    ]
  }
  const given = [pooled, direct].filter((url) => url !== null)
  const before = readUrl(envOf(app.snapshot.files).get(app.names.runtime ?? RUNTIME))
  const stays = before !== null && (isPrismaScheme(before.scheme) || given.some((url) => sameDatabase(url, before)))
  if (app.kind !== kind || given.length === 0 || stays || (envFile !== null && before === null)) return []
  // What the host leads to today isn't known.
  const what =
    envFile === null
      ? 'where production is on another database today, the next deploy goes live on an empty one.'
      : 'nothing is copied into the new database, and the next deploy goes live on it.'
  const copy = COPY[kind]
  return [
    `Data doesn't move by itself: ${what}${copy ? ' To copy the old one, while nothing writes to it:' : ''}`,
    ...(copy ?? []),
  ]
}
