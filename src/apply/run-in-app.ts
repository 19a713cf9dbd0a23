import { readEnv } from '../../codemods/env/dotenv-lex.ts'
import type { Parser } from '../../codemods/module/parse.ts'
import { type App, envOf, prismaTexts, variablesRead } from '../app/app.ts'
import { loadApp } from '../app/load.ts'
import { readText } from '../app/snapshot.ts'
import { childEnv, leadsToDatabase } from '../base/child-env.ts'
import type { Run, RunOptions, RunResult } from '../base/ports.ts'
import type { Plan, PlannedCommand } from '../plan/types.ts'

/** Where, and by what, the app's commands are run. */
export interface InApp {
  root: string
  parser: Parser
  env: RunOptions['env']
  io: { run: Run }
}

/** Runs a command on the app as its files are now. One that works on tables knows the plan's databases and no other. */
export async function runInApp(
  { argv, step }: PlannedCommand,
  options: Pick<RunOptions, 'signal' | 'onLine'>,
  plan: Plan,
  { root, parser, io, env: inherited }: InApp,
): Promise<RunResult> {
  const app = loadApp(root, parser)
  const urls = Object.fromEntries(plan.env.map(({ name, value }) => [name, value]))
  const needsUrls = step === 'tables' || step === 'migration'
  const overriding = step === 'tables' ? yarnOverrides(app, urls) : null
  if (overriding) {
    const stderr = `Not run: ${overriding}, which Yarn puts above every other value.`
    return { exitCode: 1, stdout: '', stderr }
  }
  const env = childEnv(inherited, {
    values: envOf(app.snapshot.files),
    read: variablesRead(app),
    scheme: app.kind === null || app.kind === 'cockroachdb' ? 'postgresql' : app.kind === 'sqlite' ? 'file' : app.kind,
    urls: needsUrls ? urls : undefined,
  })
  return io.run(argv, { cwd: root, env, ...options })
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
