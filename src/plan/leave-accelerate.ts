import { isSource, isSweptFile, usesAccelerate } from '../../codemods/accelerate/in-use.ts'
import { sweepFile } from '../../codemods/accelerate/source.ts'
import type { ClientTarget } from '../../codemods/db-client/target.ts'
import type { Parser } from '../../codemods/module/parse.ts'
import { envOf } from '../app/app.ts'
import { type ConnectionString, readUrl } from '../connection/connection-string.ts'
import type { DatabaseKind } from '../connection/kinds.ts'
import { recognise } from '../providers/index.ts'
import { sameDatabase } from '../providers/same-database.ts'
import type { PlanDraft } from './draft.ts'
import type { PlanInput } from './input.ts'

/**
 * An app that leaves Accelerate: what only works with it goes from the whole app where that is mechanical, and is
 * refused or listed where it is not. The db client, the env files and the packages have their own part in the plan.
 * Returns what is left to do before the next deploy, and after it.
 */
export function planLeavingAccelerate(
  draft: PlanDraft,
  input: PlanInput,
  kind: DatabaseKind,
  style: ClientTarget['style'],
): { first: string[]; last: string[] } {
  const { app, today, parser } = input
  const { files } = app.snapshot
  // An app that this command put on Accelerate was not on it before, and may have come to use it since.
  const isOnToday = usesAccelerate(today.snapshot.files)
  const isOn = isOnToday || usesAccelerate(files)
  // A client that is generated without an engine connects through Accelerate alone, with any URL.
  for (const path of files.keys()) if (isSweptFile(path) && (isOn || !isSource(path))) sweep(draft, path, parser)
  if (!isOnToday) return { first: [], last: [] }
  draft.warn(
    'accelerate-cache-lost',
    'Query caching goes with Accelerate and has no successor: every read reaches the database from now on. ' +
      'Results that must not be computed each time need a cache of your own.',
  )
  const first = copySteps(draft, input, kind)
  if (style === 'engine' && input.answers.sizing.runtime === 'serverless' && !namesEngine(draft)) first.push(ENGINE)
  return { first, last: [DELETE] }
}

const ENGINE =
  'Queries go through Prisma\'s own engine again. For functions on Netlify, Vercel or AWS Lambda, add to the generator in the schema: binaryTargets = ["native", "rhel-openssl-3.0.x"]'
const DELETE =
  "Once production runs without Accelerate, delete its API key in Prisma Console, and every variable on the host and in CI that still holds its URL. To find what else names it, such as docs: git grep -nIiE 'accelerate|--no-engine'"

/** Beside `native`, which is for where the client is generated. */
function namesEngine({ files }: PlanDraft): boolean {
  return [...files].some(([path, text]) => path.endsWith('.prisma') && /^[^/\n]*"(rhel|linux|debian)-/m.test(text))
}

function sweep(draft: PlanDraft, path: string, parser: Parser): void {
  const { edits, leftovers } = sweepFile(draft.text(path)!, path, parser)
  const broken = leftovers.filter(({ snippet }) => snippet !== undefined)
  for (const { line, what, snippet = '' } of broken)
    draft.refusals.push({ path, line, reason: `${what} goes with Accelerate's package.`, snippet })
  if (broken.length > 0) return
  const notes = leftovers.map(({ line, what }) => {
    const message = `${what} only works with Accelerate: take it out by hand.`
    return { code: 'accelerate-left', message, line }
  })
  draft.edit(path, () => ({ edits, notes }))
}

/** https://www.prisma.io/docs/postgres/database/backups; both commands ask for the password that their URL lacks. */
function copySteps(draft: PlanDraft, { today, answers }: PlanInput, kind: DatabaseKind): string[] {
  const before = [...envOf(today.snapshot.files).values()].flatMap((value) => readUrl(value) ?? [])
  const given = [answers.pooled, answers.direct].filter((url) => url !== null)
  const known = before.filter((url) => recognise(url)?.provider !== 'accelerate')
  if (given.some((url) => known.some((other) => sameDatabase(url, other)))) return []
  const isPrismas = before.some(isPrismasOwn)
  const where = isPrismas ? "Prisma's own Postgres" : 'the database behind Accelerate'
  draft.warn(
    'accelerate-data-stays',
    `The data stays in ${where}: nothing is copied. The new URLs have to lead to that database, or to a copy of it.`,
  )
  if (!isPrismas || given.some(isPrismasOwn) || kind !== 'postgresql') return []
  return [
    "Copy the data out of Prisma's own Postgres before the first deploy, while nothing writes to it, with PostgreSQL 17's tools (each asks for its database's password):",
    'pg_dump -Fc -O -x -f prisma.dump "postgres://USER@db.prisma.io:5432/postgres?sslmode=require"',
    'pg_restore -1 -O -x -d "postgres://USER@HOST:5432/DATABASE?sslmode=require" prisma.dump',
  ]
}

function isPrismasOwn({ scheme, hosts: [host] }: ConnectionString): boolean {
  return scheme !== 'prisma' && /(^|\.)(db\.prisma\.io|accelerate\.prisma-data\.net)$/.test(host?.name ?? '')
}
