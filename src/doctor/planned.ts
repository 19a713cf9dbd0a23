import { isCommittedEnvFile, RUNTIME, TEST } from '../../codemods/env/files.ts'
import type { Parser } from '../../codemods/module/parse.ts'
import { readDatasource } from '../../codemods/schema/schema.ts'
import { isPrismaTooOld } from '../app/app.ts'
import { runtimeOf, scaleOf } from '../app/deploy.ts'
import { NO_GIT } from '../app/git.ts'
import { parseVersion } from '../app/versions.ts'
import { type ConnectionString, type Parameter, param, parseConnectionString } from '../connection/connection-string.ts'
import { maskUrls } from '../connection/mask.ts'
import { meantBy } from '../connection/spelling.ts'
import { makePlan } from '../plan/plan.ts'
import type { Plan } from '../plan/types.ts'
import { checkUrls, providerOf } from '../providers/index.ts'
import type { Recognised, Runtime, Sizing } from '../providers/types.ts'
import { told } from './audit.ts'
import { testDatabase } from './checks/test-database.ts'
import { PLANNED } from './planned-codes.ts'
import type { EnvUrl, Facts, Finding, Found } from './types.ts'

const WORDS = { ...PLANNED, 'test-database': testDatabase }
type Code = keyof typeof WORDS
/** `about` tells one from the others of its code and place, whatever its numbers are. */
type Change = Found & { code: Code; about: string }

/** The URLs of one env file, as the app would have them with it. */
interface Urls {
  runtime: EnvUrl
  direct: EnvUrl | null
  test: EnvUrl | null
  known: Recognised
}

/** What `pooling` would change in an app that is on a provider's URLs: an app in order plans nothing. */
export async function planned(facts: Facts, parser: Parser): Promise<Finding[]> {
  if (isPrismaTooOld(facts.app)) return []
  const all = await Promise.all(
    urlsOf(facts).map(async (urls) => {
      const wrong = wrongTogether(urls, facts)
      const isWrong = wrong.some(({ severity }) => severity === 'error')
      // URLs that setup refuses are put right first, and what only works until its end isn't set up anew.
      return isWrong || urls.known.role === 'http' ? wrong : [...wrong, ...(await changes(urls, facts, parser))]
    }),
  )
  return all.flat()
}

/** `.env`, and every file that wins over it in some environment. */
function urlsOf({ app, urls, runtime, direct, test }: Facts): Urls[] {
  const name = app.names.runtime ?? RUNTIME
  const own = (path: string, of: string | null) =>
    urls.findLast((each) => each.path === path && each.name === of && each.url !== null) ?? null
  const others = [...new Set(urls.map(({ path }) => path))].filter(
    (path) => path !== '.env' && !isCommittedEnvFile(path) && own(path, name) !== null,
  )
  return [
    { runtime, direct, test },
    ...others.map((path) => ({
      runtime: own(path, name),
      direct: own(path, app.names.direct) ?? direct,
      test: own(path, TEST) ?? test,
    })),
  ].flatMap((each) => {
    const known = each.runtime?.recognised
    // A file has no connections to run out of.
    const isJudged = known && known.kind !== 'sqlite'
    const direct = each.direct?.name === each.runtime?.name ? null : each.direct
    return isJudged ? [{ ...each, runtime: each.runtime!, direct, known }] : []
  })
}

/** Wrong whatever is planned, in the words of the question for URLs. */
function wrongTogether({ runtime, direct, known }: Urls, { app }: Facts): Finding[] {
  const provider = providerOf(known.provider)
  const prismaMajor = app.prisma.major
  const pooled = runtime.url!
  const other = direct?.url ? { at: direct, url: direct.url } : null
  const ofPooled = checkUrls(provider, { pooled, prismaMajor })
  const ofDirect = other ? checkUrls(provider, { direct: other.url, prismaMajor }) : []
  const ofBoth = other ? checkUrls(provider, { pooled, direct: other.url, prismaMajor }) : []
  const alone = new Set([...ofPooled, ...ofDirect].map(({ code }) => code))
  const all = [
    ...ofPooled.map((problem) => ({ ...problem, at: runtime })),
    ...ofDirect.map((problem) => ({ ...problem, at: other!.at })),
    ...ofBoth.filter(({ code }) => !alone.has(code)).map((problem) => ({ ...problem, at: runtime })),
  ].filter(({ code }) => code in PLANNED)
  const swapped = all.filter(({ code }) => code === 'swapped')
  const errors = all.filter(({ severity }) => severity === 'error')
  const telling = [swapped, errors].find(({ length }) => length > 0) ?? all
  return telling.map(({ code, severity, message, fix, at: { path, line } }) => {
    return { code, severity, path, line, message, fix: fix ?? WORDS[code as Code].fix }
  })
}

async function changes(urls: Urls, facts: Facts, parser: Parser): Promise<Finding[]> {
  const runtime = runtimeOf(facts.app.deploy)
  const runtimes: Runtime[] = runtime === null ? ['serverless', 'server'] : [runtime]
  const [first, ...others] = await Promise.all(runtimes.map((each) => changesFor(each, urls, facts, parser)))
  const key = ({ code, path, line, about }: Change) => JSON.stringify([code, path, line, about])
  const sure = first!.filter((change) => others.every((other) => other.some((each) => key(each) === key(change))))
  // A direct connection without a limit is fine for a server, so that it may be.
  const unsure = first!.filter((each) => !sure.includes(each) && each.code === 'connection-limit' && !isPooled(urls))
  const command = commandFor(urls, facts)
  return [...sure, ...unsure.map((each) => ({ ...each, severity: 'warning' as const }))].map((change) =>
    told({ ...WORDS[change.code], code: change.code }, { fix: command, ...change }),
  )
}

async function changesFor(runtime: Runtime, urls: Urls, facts: Facts, parser: Parser): Promise<Change[]> {
  const plan = await planFor(runtime, urls, facts, parser)
  const all = [...inUrls(plan, runtime, urls), ...inFiles(plan, runtime, urls, facts), ...notUnderstood(plan, facts)]
  // What a server on this machine is told says nothing of the one that the code goes to.
  return isHere(urls) ? all.filter(({ code }) => IN_CODE.has(code)) : all
}

function planFor(runtime: Runtime, urls: Urls, { app }: Facts, parser: Parser): Promise<Plan> {
  const provider = providerOf(urls.known.provider)
  const pooled = urls.runtime.url!
  const scale = scaleOf(app.snapshot.files)
  const sizing: Sizing = {
    runtime,
    instances: scale?.instances,
    source: scale?.path,
    ...(scale?.cpus && { cpus: scale.cpus }),
  }
  return makePlan({
    app,
    disk: app.snapshot,
    git: NO_GIT,
    provider,
    answers: {
      provider: provider.id,
      pooled,
      direct: urls.direct?.url ?? derived(pooled, urls),
      test: urls.test?.url ?? null,
      replicas: [],
      envFile: urls.runtime.path,
      sizing,
      readReplicas: undefined,
      directEnv: null,
      local: false,
      temporary: false,
      resetMigrations: false,
      force: true,
      allowPartial: true,
      install: false,
      verify: false,
      warnings: [],
      reasons: [],
      poolReady: true,
      created: [],
    },
    server: provider.remembered?.((path) => app.snapshot.files.get(path) ?? null) ?? {},
    provisioned: { reasons: [], comments: [], next: [], shadow: null },
    running: [],
    invocation: '',
    parser,
  })
}

function derived(pooled: ConnectionString, { known }: Urls): ConnectionString | null {
  const direct = providerOf(known.provider).derive(pooled, 'direct')
  const parsed = 'url' in direct ? parseConnectionString(direct.url) : null
  return parsed && 'url' in parsed ? parsed.url : null
}

const IN_CODE = new Set<Code>(['client-options', 'max-wait', 'test-database'])

function isHere({ known }: Urls): boolean {
  return known.role === 'local' && known.provider === 'other'
}

function isPooled({ known }: Urls): boolean {
  return known.role === 'pooled' && known.mode !== 'session'
}

/** By the names of parameters; the first that fits. */
const BY_PARAMETER: [RegExp, Code][] = [
  [/^pgbouncer$/, 'pgbouncer-flag'],
  [/^(connection_limit|connectionLimit)$/, 'connection-limit'],
  [/^(ssl|uselibpq)/, 'tls-parameters'],
  [/./, 'url-parameters'],
]

function inUrls({ env, reasons }: Plan, runtime: Runtime, urls: Urls): Change[] {
  return env.flatMap(({ name, value }) => {
    const at = [urls.runtime, urls.direct, urls.test].find((each) => each?.name === name)
    const wanted = parseConnectionString(value)
    if (!at?.url || !('url' in wanted)) return []
    const { lacks, tooMuch } = difference(at.url, wanted.url)
    const change = (code: Code, params: readonly Parameter[], list: string, because: string): Change => {
      const names = params.map((each) => each.name)
      const reason = reasons.find((each) => names.some((param) => each.startsWith(param + because)))
      return {
        code,
        severity: isError(code, runtime, urls) ? 'error' : 'warning',
        about: names.join(),
        path: at.path,
        line: at.line,
        detail: `${name} ${list}.`,
        ...(reason === undefined ? {} : { why: sentence(reason.slice(reason.indexOf(': ') + 2)) }),
      }
    }
    const isUnknown = (each: Parameter) => meantBy(each.name, at.url!) !== null
    return [
      ...grouped(lacks, codeOf).map(([code, all]) =>
        change(code, all, `lacks ${all.map((each) => `${each.name}=${each.value}`).join('&')}`, '='),
      ),
      ...grouped(tooMuch, (each) => (isUnknown(each) ? 'unknown-parameter' : 'dead-parameters')).map(([code, all]) =>
        change(code, all, `has ${all.map((each) => each.name).join(', ')}`, ' is taken out'),
      ),
    ]
  })
}

function codeOf({ name }: Parameter): Code {
  return BY_PARAMETER.find(([names]) => names.test(name))![1]
}

function grouped(params: readonly Parameter[], codeOf: (each: Parameter) => Code): [Code, Parameter[]][] {
  const codes = [...new Set(params.map(codeOf))]
  return codes.map((code) => [code, params.filter((each) => codeOf(each) === code)])
}

function isError(code: Code, runtime: Runtime, urls: Urls): boolean {
  return code === 'pgbouncer-flag' || (code === 'connection-limit' && runtime === 'serverless' && !isPooled(urls))
}

function difference(has: ConnectionString, wanted: ConnectionString): Record<'lacks' | 'tooMuch', Parameter[]> {
  return {
    lacks: wanted.params.filter(({ name, value }) => param(has, name) !== value),
    tooMuch: has.params.filter(({ name }) => param(wanted, name) === null),
  }
}

function inFiles(plan: Plan, runtime: Runtime, urls: Urls, { app }: Facts): Change[] {
  const { schema, dbClient, prismaConfig } = app.paths
  return plan.files.flatMap(({ path, before, after }): Change[] => {
    if (before === null || after === null) return []
    const { line, added } = firstDifference(before, after)
    const change = (code: Code, isError: boolean): Change[] => {
      const text = maskUrls(added.slice(0, LINES).join(' '))
      const writes =
        added.length === 0 ? '' : `: \`pooling\` would write \`${text}${added.length > LINES ? ' …' : ''}\` here`
      const detail = `${WORDS[code].title}${writes}.`
      return [{ code, severity: isError ? 'error' : 'warning', about: '', path, line, detail }]
    }
    const isRead = path === schema || path === dbClient
    if (isRead && leadsElsewhere(before, after)) return change('test-database', true)
    // A line less is no fault otherwise: another environment may need it.
    if (added.length === 0) return []
    if (path === schema) return isAddition(before, after) ? change('datasource', isPooled(urls)) : []
    if (path === prismaConfig) return change('prisma-config', false)
    if (path !== dbClient) return []
    if (added.some((text) => text.includes('maxWait'))) return change('max-wait', isBefore(app.prisma.version, 7, 10))
    return change('client-options', runtime === 'serverless' && !isPooled(urls) && !isHere(urls))
  })
}

/** What is taken out is a connection of its own, which no test run replaces, and nothing asks for one. */
function leadsElsewhere(before: string, after: string): boolean {
  if (before.includes('NODE_ENV')) return false
  const elsewhere = (text: string) => text.match(/\benv\.(?!DATABASE_URL\b)\w*URL\w*|["'`]\w+:\/\/[^"'`\n]+/g) ?? []
  const stays = new Set(elsewhere(after))
  return elsewhere(before).some((each) => !stays.has(each))
}

/** So many lines show what it is about; a dry run shows all. */
const LINES = 3

function isBefore(version: string, major: number, minor: number): boolean {
  const [ofMajor = 0, ofMinor = 0] = parseVersion(version) ?? []
  return ofMajor < major || (ofMajor === major && ofMinor < minor)
}

function isAddition(before: string, after: string): boolean {
  const [old, wanted] = [readDatasource(before), readDatasource(after)]
  const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)
  if (!old || !wanted) return false
  if (!same(old.url, wanted.url)) return true
  return wanted.directUrl !== null && !same(old.directUrl, wanted.directUrl)
}

function notUnderstood({ refusals }: Plan, { app }: Facts): Change[] {
  const { schema, dbClient, prismaConfig } = app.paths
  return refusals
    .filter(({ path }) => [schema, dbClient, prismaConfig].includes(path))
    .map(({ path, reason, line, snippet }) => ({
      code: 'not-understood',
      about: '',
      severity: 'warning',
      path,
      line: line ?? 1,
      detail: `${WORDS['not-understood'].title}: ${reason}`,
      fix: `Write what it should be by hand: ${snippet}`,
    }))
}

function firstDifference(before: string, after: string): { line: number; added: string[] } {
  const [old, lines] = [before.split(/\r?\n/), after.split(/\r?\n/)]
  const index = lines.findIndex((text, at) => text !== old[at])
  const added = lines.filter((text) => text.trim() !== '' && !old.includes(text)).map((text) => text.trim())
  return { line: Math.min(index + 1, old.length), added }
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function commandFor(urls: Urls, { invocation }: Facts): string {
  const { runtime, known } = urls
  if (isHere(urls)) return `Run \`${invocation}\` with the name of the provider that production has.`
  if (known.role === 'local') return `Run \`${invocation} prisma-postgres --local\`.`
  const file = runtime.path === '.env' || runtime.path === '.env.defaults' ? '' : ` --dotenv ${runtime.path}`
  return `Run \`${invocation} ${known.provider}${file}\`.`
}
