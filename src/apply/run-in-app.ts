import { readEnv } from '../../codemods/env/dotenv-lex.ts'
import { RUNTIME } from '../../codemods/env/files.ts'
import type { Parser } from '../../codemods/module/parse.ts'
import { type App, envOf, prismaTexts, variablesRead } from '../app/app.ts'
import { loadApp } from '../app/load.ts'
import { readText } from '../app/snapshot.ts'
import { childEnv, leadsToDatabase } from '../base/child-env.ts'
import type { Connect, Run, RunOptions, RunResult } from '../base/ports.ts'
import { type ConnectionString, readUrl } from '../connection/connection-string.ts'
import type { Plan, PlannedCommand } from '../plan/types.ts'

/** Where, and by what, the app's commands are run. */
export interface InApp {
  root: string
  parser: Parser
  env: RunOptions['env']
  io: { run: Run; connect: Connect }
  /** Whether a new database is looked into afterwards. */
  verify: boolean
}

/** Runs a command on the app as its files are now. One that works on tables knows the plan's databases and no other. */
export async function runInApp(
  { argv, step }: PlannedCommand,
  options: Pick<RunOptions, 'signal' | 'onLine'>,
  plan: Plan,
  { root, parser, io, verify, ...inherited }: InApp,
): Promise<RunResult> {
  const app = loadApp(root, parser)
  const urls = Object.fromEntries(plan.env.map(({ name, value }) => [name, value]))
  const needsUrls = step === 'tables' || step === 'migration'
  const overriding = step === 'tables' ? yarnOverrides(app, urls) : null
  if (overriding) return failed(`Not run: ${overriding}, which Yarn puts above every other value.`)
  const env = childEnv(inherited.env, {
    values: envOf(app.snapshot.files),
    read: variablesRead(app),
    scheme: app.kind === null || app.kind === 'cockroachdb' ? 'postgresql' : app.kind === 'sqlite' ? 'file' : app.kind,
    urls: needsUrls ? urls : undefined,
  })
  const result = await io.run(argv, { cwd: root, env, ...options })
  const isToBeSeen = step === 'tables' && result.exitCode === 0 && verify
  return isToBeSeen && prismaTexts(app).some((text) => /^\s*model\s/m.test(text)) ? tablesIn(urls[RUNTIME], io) : result
}

/** From 4 on, Yarn lets these files win over the environment for all that it starts. */
function yarnOverrides(app: App, urls: Record<string, string>): string | null {
  if (app.packageManager !== 'yarn') return null
  const prisma = prismaTexts(app).join('\n')
  const setting = /^injectEnvironmentFiles:(.*(?:\n\s*-.*)*)/m.exec(readText(app.snapshot.root, '.yarnrc.yml') ?? '')
  const paths = setting ? setting[1]!.match(/[^\s,'"[\]?-][^\s,'"[\]?]*/g) : ['.env.yarn']
  for (const path of paths ?? []) {
    const other = readEnv(readText(app.snapshot.root, path) ?? '').find(
      ({ name, value }) => value !== urls[name] && leadsToDatabase(name, value) && prisma.includes(name),
    )
    if (other) return `${path}:${other.line} sets another ${other.name}`
  }
  return null
}

const TIMEOUT = 20_000

/** Whether the tables came to the server that was brought up: a wrapper around the command may have led it elsewhere. */
async function tablesIn(url: string | undefined, { connect }: InApp['io']): Promise<RunResult> {
  const place = readUrl(url)
  if (place === null) return failed('There is no database to look for the tables in.')
  const where = nameOf(place)
  try {
    const session = await connect(place, TIMEOUT)
    const rows = await session
      .query("select 1 from pg_tables where schemaname not in ('pg_catalog', 'information_schema') limit 1")
      .finally(session.close)
    if (rows.length > 0) return { exitCode: 0, stdout: '', stderr: '' }
    return failed(
      `${where} has no tables after it, so it worked on another database. Look for what else sets ${RUNTIME}, such as Prisma's config or a wrapper of the package manager.`,
    )
  } catch (error) {
    return failed(`${where} could not be asked for the tables: ${error instanceof Error ? error.message : ''}`)
  }
}

function nameOf({ hosts: [host], database }: ConnectionString): string {
  return `${host?.name}:${host?.port ?? 5432}/${database}`
}

function failed(stderr: string): RunResult {
  return { exitCode: 1, stdout: '', stderr }
}
