import { type ConnectionString, param, socketOf } from '../connection/connection-string.ts'
import { withHost, withPort } from '../connection/edit.ts'
import { SCHEMES } from '../connection/kinds.ts'
import { itself } from './target.ts'
import type {
  Derived,
  FlagRule,
  Identity,
  PoolMode,
  Provider,
  Recognised,
  SetupInput,
  Target,
  UrlQuestion,
} from './types.ts'

/** A service that hosts databases or poolers, recognised by its hosts. */
export interface Service {
  /** What a user knows it by. */
  name: string
  /** Its group `id` identifies the server (by default the whole host does), and `region` says where it is. */
  hosts: RegExp
  /** What else has to be so, where the host alone isn't enough. */
  matches?(url: ConnectionString): boolean
  /** By default what the scheme says. */
  kind?: Recognised['kind']
  certificates?: Recognised['certificates']
  advice?: string
  pooler?: Pooler
  /** One URL serves the app and migrations. */
  isOneUrl?: boolean
  /** What else this one URL says. */
  about?(found: FoundService): Partial<Recognised>
  /** By default the service's name, `id` and the URL's database. */
  identity?(found: FoundService): Identity | null
}

/** A service's pooler. Mode and `flag` are from its documentation: neither a port nor a version shows them. */
export interface Pooler {
  mode: PoolMode
  flag: FlagRule
  /** `null` where a pooled and a direct URL look alike. */
  isPooled(url: ConnectionString): boolean | null
  /** The rule by which one URL follows from the other; `null` where it doesn't. */
  derive?(url: ConnectionString, wanted: UrlQuestion['role']): string | null
  /** Where the other URL is found when no rule leads there; by default where any is. */
  ask?: Partial<Record<UrlQuestion['role'], string>>
}

export interface FoundService {
  service: Service
  url: ConnectionString
  host: string
  match: RegExpExecArray
  role: 'pooled' | 'direct' | 'unknown'
}

/** The pooler listens on another port of the same host. */
export function byPort(direct: number, pooled: number): Pick<Pooler, 'isPooled' | 'derive'> {
  return {
    isPooled: (url) => url.hosts[0]?.port === pooled,
    derive: (url, wanted) => withPort(url.text, wanted === 'pooled' ? pooled : direct),
  }
}

/** The pooler has its own host, whose name follows from the database's, and the other way round. */
export function byHost(
  names: Record<UrlQuestion['role'], (host: string) => string>,
): Pick<Pooler, 'isPooled' | 'derive'> {
  return {
    isPooled: (url) => names.pooled(hostOf(url)) === hostOf(url),
    derive: (url, wanted) => withHost(url.text, names[wanted](hostOf(url))),
  }
}

/** The first label of the pooler's host ends in -pooler, that of the primary in nothing or -rw. */
export const BY_SUFFIX = byHost({
  pooled: (host) => host.replace(/^(.+?)(-pooler|-rw)?\./, '$1-pooler.'),
  direct: (host) => host.replace(/^(.+?)(-pooler|-rw)?\./, '$1.'),
})

/** What a provider says itself, on top of what follows from its services. */
type Facts = Omit<Provider, 'recognise' | 'derive' | 'questions' | 'setup'> &
  Partial<Pick<Provider, 'recognise' | 'questions'>> & {
    services: readonly Service[]
    asks?: readonly UrlQuestion[]
    /** `null` leaves it to the services. */
    derive?(url: ConnectionString, wanted: UrlQuestion['role']): Derived | null
    /** `known` is what the pooled URL, or else the direct one, was recognised as. */
    setup(input: SetupInput, known: Recognised | null): Target
  }

export function provider({ services, asks = [], setup, ...own }: Facts): Provider {
  const recognise = (url: ConnectionString) => {
    const found = find(services, url)
    return found && recognised(own.id, found)
  }
  return {
    questions: () => asks,
    ...own,
    recognise: (url) => recognise(url) ?? own.recognise?.(url) ?? null,
    derive: (url, wanted) => own.derive?.(url, wanted) ?? derive(find(services, url), url, wanted, asks),
    identity: (url) => {
      const found = find(services, url)
      const known = found && (found.service.identity ? found.service.identity(found) : identity(found))
      return known ?? own.identity?.(url) ?? null
    },
    setup: (input) => {
      const url = input.pooled ?? input.direct
      return setup(input, url ? recognise(url) : null)
    },
  }
}

export function find(services: readonly Service[], url: ConnectionString): FoundService | null {
  const host = hostOf(url)
  for (const service of services) {
    const match = service.hosts.exec(host)
    if (!match || service.matches?.(url) === false) continue
    // Nobody adds Prisma's flag to a URL that goes past a pooler.
    const isPooled = service.pooler
      ? (service.pooler.isPooled(url) ?? (param(url, 'pgbouncer') === 'true' || null))
      : false
    return { service, url, host, match, role: isPooled === null ? 'unknown' : isPooled ? 'pooled' : 'direct' }
  }
  return null
}

function recognised(provider: Recognised['provider'], found: FoundService): Recognised {
  const { service, url, match, role } = found
  const { name, kind, certificates, advice, pooler, isOneUrl } = service
  return {
    provider,
    service: name,
    role,
    kind: kind ?? SCHEMES[url.scheme] ?? 'postgresql',
    certificates,
    advice,
    region: match.groups?.region,
    isOneUrl,
    flag: role === 'direct' ? undefined : pooler?.flag,
    mode: role === 'pooled' ? pooler?.mode : undefined,
    ...service.about?.(found),
  }
}

function derive(
  found: FoundService | null,
  url: ConnectionString,
  wanted: UrlQuestion['role'],
  questions: readonly UrlQuestion[],
): Derived {
  const { pooler, isOneUrl } = found?.service ?? {}
  if (isOneUrl) return { url: url.text }
  const text = pooler?.derive?.(url, wanted) ?? null
  if (text !== null) return itself({ ...url, text }, wanted)
  if (found?.role === wanted) return itself(url, wanted)
  return { ask: pooler?.ask?.[wanted] ?? questions.find(({ role }) => role === wanted)!.where }
}

function identity({ service, match, host, url }: FoundService): Identity {
  return { server: `${service.name}/${match.groups?.id ?? host}`, database: url.database }
}

/** Of a UNIX socket its folder, in which some services name the instance. */
function hostOf(url: ConnectionString): string {
  return socketOf(url) ?? url.hosts[0]?.name ?? ''
}
