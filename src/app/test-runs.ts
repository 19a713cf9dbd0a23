import { readEnv } from '../../codemods/env/dotenv-lex.ts'
import { isLoadedEnvFile, RUNTIME, TEST } from '../../codemods/env/files.ts'
import { harnessDirectUrls } from '../../codemods/schema/harness.ts'
import { type ConnectionString, parseConnectionString, readUrl } from '../connection/connection-string.ts'
import { compareDatabases, leadsTo, type Sameness } from '../providers/same-database.ts'
import type { App } from './app.ts'

/** A variable's value, and the file and line that say so; none of a shell's. */
export interface Setting {
  value: string
  /** The variable: `TEST_DATABASE_URL` where the harness put it in place of another. */
  source: string
  path?: string
  line?: number | undefined
}

export type Environment = ReadonlyMap<string, Setting>
type Shell = Readonly<Record<string, string | undefined>>

/** A URL that a test run comes to, compared with the app's own databases. */
export interface TestUrl {
  /** The variable that the reader takes it from. */
  name: string
  setting: Setting
  /** As the reader ends up with it; `null` for what isn't a connection string to it. */
  url: ConnectionString | null
  /** `stray`: `TEST_DIRECT_URL` leads to another database than the tests', whichever. */
  is: Sameness | 'stray'
}

/**
 * The app's environment as both frameworks load it: the shell over `.env` over `.env.defaults`, and over all of them
 * `.env.<suffix>`, for NODE_ENV and `--load-env-files`. The dotenv that reads the first two passes over `export NAME=…`;
 * Prisma's own doesn't.
 * https://github.com/redwoodjs/graphql/blob/v8.9.0/packages/cli-helpers/src/lib/loadEnvFiles.ts
 */
export function environmentOf(
  files: ReadonlyMap<string, string>,
  shell: Shell,
  suffix?: string,
  exported = false,
): Environment {
  const inShell = Object.entries(shell).flatMap(([source, value]): [string, Setting][] =>
    value === undefined ? [] : [[source, { value, source }]],
  )
  return new Map([
    ...settingsIn(files, '.env.defaults', exported),
    ...settingsIn(files, '.env', exported),
    ...inShell,
    ...(suffix === undefined ? [] : settingsIn(files, `.env.${suffix}`)),
  ])
}

function settingsIn(files: ReadonlyMap<string, string>, path: string, exported = true): [string, Setting][] {
  return readEnv(files.get(path) ?? '')
    .filter((entry) => exported || !entry.exported)
    .map(({ name, value, line }) => [name, { value, source: name, path, line }])
}

/** An environment as a test run of either framework changes it. Without a test database a file takes its place. */
function underTest(app: App, env: Environment): Environment {
  const filled = (name: string) => (env.get(name)?.value ? env.get(name) : undefined)
  const test = filled(TEST) ?? { value: `file:${app.snapshot.root}/${app.paths.generated}/test.db`, source: TEST }
  const schema = app.paths.schemaFiles.map((path) => app.snapshot.files.get(path)).join('\n')
  const direct = app.urlIn === 'schema' ? (harnessDirectUrls(schema)[0]?.env ?? null) : null
  return new Map([
    ...env,
    [RUNTIME, test],
    ...(direct === null ? [] : [[direct, filled('TEST_DIRECT_URL') ?? test] as const]),
  ])
}

/** The environment that what connects in a test run has, and how to start such a run, to compare the harness with it. */
export interface TestRun {
  /** Of `.env.<suffix>`, by NODE_ENV or `--load-env-files`. */
  suffix?: string | undefined
  /** Jest or Vitest by itself, whose own child, the CLI that pushes the schema, loads `.env.test` once more. */
  alone?: true
  env: Environment
}

/** For any NODE_ENV, any env files that are loaded, and any way to start it. */
export function testRuns(app: App, shell: Shell): TestRun[] {
  const { files } = app.snapshot
  const runs = [undefined, ...suffixesOf(files)].map((suffix) => ({
    suffix,
    env: underTest(app, environmentOf(files, shell, suffix)),
  }))
  return [...runs, { alone: true, env: new Map([...runs[0]!.env, ...settingsIn(files, '.env.test')]) }]
}

/** Every connection string that a test run comes to; one line counts once, however many readers come to it. */
export function testUrls(app: App, shell: Shell, own: readonly ConnectionString[]): TestUrl[] {
  const reached = testRuns(app, shell).flatMap(({ env }) =>
    variablesIn(app).flatMap((name) => {
      const setting = env.get(name)
      return setting?.value ? [{ name, setting, url: urlIn(asPrismaReads(app, name, setting.value, env)) }] : []
    }),
  )
  const tests = reached.flatMap(({ setting, url }) => (setting.source === TEST && url ? [url] : []))
  const isStray = ({ source, value }: Setting) =>
    source === 'TEST_DIRECT_URL' && !tests.some((test) => leadsTo(value, test))
  const found = reached.flatMap(({ name, setting, url }): TestUrl[] => {
    if (url?.scheme === 'file') return []
    const each = url ? own.map((other) => compareDatabases(url, other)) : []
    if (isStray(setting) && !each.includes('same')) return [{ name, setting, url, is: 'stray' }]
    const is = (['same', 'unknown'] as const).find((sameness) => each.includes(sameness)) ?? 'different'
    return [{ name, setting, url, is }]
  })
  // What a line stands for may be the app's database in one environment and another in the next.
  return [...new Map(found.map((each) => [JSON.stringify([each.setting, each.is]), each])).values()]
}

/**
 * The databases that the app works on: by its env files but those for tests, and by the shell unless that has the test
 * database too, as in CI, where one server serves both.
 */
export function ownDatabases(app: App, shell: Shell): ConnectionString[] {
  const { files } = app.snapshot
  const names = [RUNTIME, app.names.runtime, app.names.direct]
  const envs = [undefined, ...suffixesOf(files).filter((suffix) => !/^(test|ci)\b/.test(suffix))].map((suffix) =>
    environmentOf(files, {}, suffix, true),
  )
  const started = shell[TEST] ? new Map() : environmentOf(new Map(), shell)
  const values = [...envs, started].flatMap((env) =>
    names.flatMap((name) =>
      name !== null && env.has(name) ? [asPrismaReads(app, name, env.get(name)!.value, env)] : [],
    ),
  )
  return [...new Set(values)].flatMap((value) => urlIn(value) ?? []).filter(({ scheme }) => scheme !== 'file')
}

function urlIn(text: string): ConnectionString | null {
  const parsed = parseConnectionString(text)
  return 'url' in parsed ? parsed.url : readUrl(parsed.problem.suggestion)
}

/** `production` of `.env.production`. */
function suffixesOf(files: ReadonlyMap<string, string>): string[] {
  return [...files.keys()].flatMap((path) =>
    isLoadedEnvFile(path) ? (/^\.env\.(?!defaults$)(.+)$/.exec(path)?.[1] ?? []) : [],
  )
}

/** The variables that the client and Prisma's CLI take a URL from. The client's shape is judged by its codemod. */
function variablesIn({ urlIn, datasource, config }: App): string[] {
  const inSchema = urlIn === 'schema' ? [datasource?.url, datasource?.directUrl] : []
  const named = [...inSchema.flatMap((value) => value?.env ?? []), ...(config?.testEnvs ?? [])]
  return [...new Set([RUNTIME, ...named])]
}

/** Before 7 Prisma loads `.env` once more, and expands `${NAME}` in what is assigned there, whatever the value is by then. */
function asPrismaReads(app: App, name: string, value: string, env: Environment): string {
  const isAssigned = readEnv(app.snapshot.files.get('.env') ?? '').some((entry) => entry.name === name)
  return app.prisma.major < 7 && isAssigned ? expand(value, env) : value
}

function expand(value: string, env: Environment, depth = 0): string {
  return value.replace(/(\\?)\$\{(\w*)\}/g, (all, escaped: string, name: string) =>
    escaped ? all.slice(1) : depth > 9 ? '' : expand(env.get(name)?.value ?? '', env, depth + 1),
  )
}

export const WHAT_TESTS_DO = 'A test run resets what it leads to, data and all.'

/** Says in a sentence what is wrong, and what to do about it. Holds no secret. */
export function describeTestUrl({ name, setting: { source, path, line }, is }: TestUrl): {
  detail: string
  fix: string
} {
  const place = path === undefined ? 'in this shell' : `${path}:${line}`
  const through = name === source || source === TEST ? '' : `, which a test run puts in place of ${name},`
  const what = {
    same: 'leads to the database that the app works on',
    stray: "doesn't lead to the test database",
    unknown: 'may lead to the database that the app works on, by another address',
    different: "couldn't be reached, so only its text shows that it leads to another database",
  }[is]
  return {
    detail: `${source} (${place})${through} ${what}.`,
    fix: path === undefined ? `Run \`unset ${source}\`.` : fixFor(source),
  }
}

function fixFor(source: string): string {
  if (source === TEST) return `Give tests a database of their own in ${TEST}.`
  return source === 'TEST_DIRECT_URL'
    ? `Take the line out: tests use ${TEST}.`
    : `Run \`yarn rw setup pooling\`, which has tests read ${TEST} instead.`
}
