import { RUNTIME } from '../../codemods/env/files.ts'
import { envOf } from '../app/app.ts'
import type { Answers } from '../ask/types.ts'
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
export function dataSteps(input: PlanInput, kind: DatabaseKind): string[] {
  const { today: app, answers } = input
  const { pooled, direct, envFile } = answers
  if (isMade(answers)) return []
  if (app.kind !== null && app.kind !== kind) {
    const where = app.kind === 'sqlite' ? 'the SQLite file' : `the ${KINDS[app.kind].name} database`
    const isCopied = kind === 'postgresql' && /^(sqlite|mysql|sqlserver)$/.test(app.kind)
    const how = isCopied ? ' To copy it into PostgreSQL once the tables are there: https://pgloader.io' : ''
    return [`Data doesn't move by itself: what is in ${where} stays there.${how}`]
  }
  const given = [pooled, direct].filter((url) => url !== null)
  const before = readUrl(envOf(app.snapshot.files).get(app.names.runtime ?? RUNTIME))
  const stays = before !== null && (isPrismaScheme(before.scheme) || given.some((url) => sameDatabase(url, before)))
  if (app.kind !== kind || given.length === 0 || stays || (envFile !== null && before === null)) return []
  const copy = COPY[kind] ?? []
  const how = copy.length > 0 ? ' To copy the old one, while nothing writes to it:' : ''
  return [
    `Data doesn't move by itself: where production is on another database today, the next deploy goes live on an empty one.${how}`,
    ...copy,
  ]
}

/** The step that brings the tables into it, for an app whose history of migrations begins there. */
export function tableSteps({ files }: PlanDraft, input: PlanInput, kind: DatabaseKind): string[] {
  const { today: app, answers } = input
  const history = (texts: ReadonlyMap<string, string>) => lockedKind(texts, app.paths.migrations)
  if (isMade(answers) || answers.local === true || history(files) !== null) return []
  const isNew = app.kind === 'sqlite' && kind !== 'sqlite'
  return isNew || history(app.snapshot.files) !== null ? [firstMigration(app)] : []
}

/** By this run, with the app's tables. */
function isMade({ temporary, local, envFile }: Answers): boolean {
  return temporary === true || (local === true && envFile !== null)
}
