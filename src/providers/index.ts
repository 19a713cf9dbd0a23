import { type ConnectionString, isLocal, param, socketOf } from '../connection/connection-string.ts'
import { distance } from '../connection/distance.ts'
import { type DatabaseKind, isPrismaScheme, KINDS, SCHEMES } from '../connection/kinds.ts'
import { error, type UrlProblem, warning } from '../connection/url-problem.ts'
import { BY_ID, PROVIDERS } from './registry.ts'
import { sameDatabase } from './same-database.ts'
import { searchPathProblem } from './startup.ts'
import { sameAddress } from './target.ts'
import type { Provider, ProviderId, Recognised, UrlsToCheck } from './types.ts'

export function providerOf(id: ProviderId): Provider {
  return BY_ID[id]
}

/** What a URL is known to be; `null` for a server that nothing gives away, such as a private host on port 5432. */
export function recognise(url: ConnectionString): Recognised | null {
  return PROVIDERS.map((provider) => provider.recognise(url)).find(Boolean) ?? null
}

/** The database behind a URL, as far as the URL says. */
export function kindOf(url: ConnectionString): DatabaseKind | null {
  return recognise(url)?.kind ?? SCHEMES[url.scheme] ?? null
}

/** The provider, or the one of `others`, that a mistyped word probably means; `null` when none is near. */
export function closestName<Other extends string = never>(
  word: string,
  others: readonly Other[] = [],
): ProviderId | Other | null {
  const wanted = word.toLowerCase().replaceAll(/[\s_]+/g, '-')
  const names = [
    ...PROVIDERS.flatMap(({ id, aliases }) => [id, ...aliases].map((name) => ({ id, name }))),
    ...others.map((name) => ({ id: name, name })),
  ]
  const ranked = names
    .map(({ id, name }) => ({ id, distance: distance(wanted, name), allowed: Math.floor(name.length / 3) }))
    .filter(({ distance, allowed }) => distance <= allowed)
    .sort((a, b) => a.distance - b.distance)
  return ranked[0]?.id ?? null
}

/** Everything that is wrong with these URLs for this provider; errors first. */
export function checkUrls(provider: Provider, urls: UrlsToCheck): UrlProblem[] {
  const given = [urls.pooled, urls.direct].filter((url) => url !== undefined)
  const wrongKind = given.flatMap((url) => kindProblem(provider, url) ?? [])
  if (wrongKind.length > 0) return wrongKind.slice(0, 1)
  const foreign = given.flatMap((url) => foreignProblem(provider, url) ?? []).slice(0, 1)
  if (foreign.some(({ severity }) => severity === 'error')) return foreign
  const problems = [
    ...foreign,
    ...given.flatMap((url) => passwordProblem(url) ?? bracketProblem(url) ?? []).slice(0, 1),
    ...pathProblem(urls),
    ...pairProblems(provider, urls),
    ...(provider.check?.(urls) ?? []),
  ]
  const once = problems.filter(({ message }, index) => problems.findIndex((each) => each.message === message) === index)
  return once.sort((a, b) => Number(b.severity === 'error') - Number(a.severity === 'error'))
}

const UNPOOLABLE: Partial<Record<DatabaseKind, string>> = {
  sqlite: 'A SQLite file has no connections to pool.',
  mongodb: "MongoDB's driver pools by itself (maxPoolSize), and there is no second URL to set up.",
}

function kindProblem({ name, kinds }: Provider, url: ConnectionString): UrlProblem | null {
  const kind = kindOf(url)
  if (kind === null || kinds.includes(kind)) return null
  if (UNPOOLABLE[kind]) return error('wrong-database', UNPOOLABLE[kind])
  const pooled = kinds.map((each) => KINDS[each].name).join(' and ')
  const message = `${name} doesn't pool ${KINDS[kind].name}, only ${pooled}.`
  return error('wrong-database', message, 'Run the command with `other` to use this URL without a pooler.')
}

/** A URL that another provider is sure about is somebody else's, unless this one goes in front of any database. */
function foreignProblem({ id, name, anyHost }: Provider, url: ConnectionString): UrlProblem | null {
  const recognised = recognise(url)
  if (recognised?.provider === id) return null
  if (recognised && isPrismaScheme(url.scheme)) {
    return error(
      'accelerate-url',
      `This URL is ${recognised.service}'s, which speaks Prisma's own protocol; ${name} needs the database's own URL.`,
      "Take the URL that starts with postgresql:// or mysql:// from the database's console.",
    )
  }
  if (recognised?.role === 'local' || anyHost) return null
  if (!recognised || recognised.provider === 'pgbouncer') {
    const message = `${name} isn't known to use this host. If the database is elsewhere, run the command with \`other\`.`
    return warning('unknown-host', message)
  }
  return error(
    'another-provider',
    `This URL is not ${name}'s but ${recognised.service}'s.`,
    `Run the command with \`${recognised.provider}\`, or give a URL of ${name}.`,
  )
}

/** Consoles show the password's place in brackets, and a password may have its own. */
function bracketProblem({ password }: ConnectionString): UrlProblem | null {
  const message =
    'The password is in square brackets, like the placeholder that consoles show: remove them unless they belong to it.'
  return /^\[.+\]$/.test(password ?? '') ? warning('bracketed-password', message) : null
}

/** Where the pooled URL isn't known to go past any pooler. */
function pathProblem({ pooled, direct }: UrlsToCheck): UrlProblem[] {
  const role = pooled && recognise(pooled)?.role
  if (!pooled || role === 'direct' || role === 'local') return []
  const isPooled = role === 'pooled' || (direct && !sameAddress(pooled, direct))
  return [isPooled ? searchPathProblem(pooled) : null].filter((problem) => problem !== null)
}

/** A self-hosted server may trust everyone who reaches it; no service does. */
export function passwordProblem(url: ConnectionString): UrlProblem | null {
  const recognised = recognise(url)
  const isHosted = recognised !== null && /^(pooled|direct|unknown)$/.test(recognised.role)
  if (!isHosted || recognised.provider === 'pgbouncer' || socketOf(url) || isLocal(url)) return null
  if (url.password || param(url, 'password')) return null
  const message = `This URL of ${recognised.service} has no password: what stands alone before the @ is the user.`
  return error('no-password', message, 'It must start like postgresql://USER:PASSWORD@')
}

const SWAPPED = error('swapped', 'The pooled and the direct URL are swapped.', 'Give them the other way round.')
const SAME = error(
  'same-url',
  'The pooled and the direct URL are the same: migrations would go through the pooler.',
  "Give the database's own URL as the direct one; without a pooler, run the command with `other`.",
)
const DIFFERENT = warning(
  'different-databases',
  'The pooled and the direct URL seem to lead to different databases: migrations would not reach the one that the app uses.',
)

function pairProblems(provider: Provider, { pooled, direct }: UrlsToCheck): UrlProblem[] {
  const [of, to] = [pooled && recognise(pooled), direct && recognise(withoutFlag(direct))]
  const isPooler = to?.role === 'pooled' && to.kind === 'postgresql' && !to.isOneUrl
  if (of?.role === 'direct' && isPooler) return [SWAPPED]
  if (pooled && direct && isAmbiguous(provider, of ?? null) && sameAddress(pooled, direct)) return [SAME]
  const isPoolable = of?.kind === 'postgresql' || of?.kind === 'mysql'
  const isPair = of && of.role !== 'http' && of.provider === to?.provider
  const isOne = !pooled || !direct || !isPair || sameDatabase(pooled, direct) || mayLeadTo(pooled, direct, of)
  return [
    ...(isPooler ? [directIsPooled(provider, to)] : []),
    ...(of?.role === 'direct' && isPoolable ? [notPooled(of)] : []),
    ...(isOne ? [] : [DIFFERENT]),
  ]
}

/** Where a pooler can't be told from a database. A provider's own tools for this machine may have one URL for both. */
function isAmbiguous({ takesOneUrl, anyHost }: Provider, of: Recognised | null): boolean {
  return !takesOneUrl && (of === null || (anyHost === true && (of.role === 'direct' || of.role === 'local')))
}

/** On this machine another port may be a pooler's, in front of the same server; elsewhere a pool may have any name. */
function mayLeadTo(pooled: ConnectionString, direct: ConnectionString, { role }: Recognised): boolean {
  return role === 'unknown' || (role === 'local' && pooled.database === direct.database)
}

/** `pgbouncer=true` on a direct URL is left over rather than telling, and is taken off. */
function withoutFlag(url: ConnectionString): ConnectionString {
  return { ...url, params: url.params.filter(({ name }) => name !== 'pgbouncer') }
}

function directIsPooled(provider: Provider, { service }: Recognised): UrlProblem {
  const message = `The direct URL goes through a pooler (${service}). Migrations through one fail, and can leave a lock behind that blocks the next ones.`
  const where = provider.questions(null).find(({ role }) => role === 'direct')?.where
  return error('direct-is-pooled', message, where ?? 'Give the direct URL.')
}

function notPooled({ service, mode }: Recognised): UrlProblem {
  const message =
    mode === 'session'
      ? `The pooled URL goes to ${service} in session mode, which shares no connections: fine for servers that stay up, not for serverless.`
      : `The pooled URL goes to ${service} directly, without a pooler.`
  const fix = mode === 'session' ? "Give the transaction pooler's URL: its port or host is another one." : undefined
  return warning('not-pooled', message, fix)
}
