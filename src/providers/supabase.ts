import type { ConnectionString } from '../connection/connection-string.ts'
import { error, type UrlProblem } from '../connection/url-problem.ts'
import { byPort, type Pooler, provider, type Service } from './service.ts'
import { poolingTarget } from './target.ts'
import type { Recognised, SetupInput, Target } from './types.ts'

const SHARED = /^(?:aws|gcp|azure|fly)-\d+-(?<region>[a-z]+-[a-z]+-\d+)\.pooler\.supabase\.(?:com|green|co)$/
const OWN = /^db\.(?<id>[a-z0-9]{20})\.supabase\.(?:co|com|red)$/
const CONSOLE = "Supabase's dashboard, button 'Connect', tab 'Connection string'"
const POOLER: Pooler = {
  mode: 'transaction',
  flag: {
    flag: 'add',
    why: "Supabase's transaction pooler does not keep prepared statements of Prisma's engine apart.",
  },
  ...byPort(5432, 6543),
}

const shared: Service = {
  name: 'Supabase shared pooler',
  hosts: SHARED,
  certificates: 'private',
  pooler: POOLER,
  about: ({ role }) =>
    role === 'pooled'
      ? {}
      : {
          mode: 'session',
          flag: { flag: 'remove', why: 'this URL keeps a session, so prepared statements work.' },
        },
  identity: ({ url }) => {
    const id = projectOf(url)
    return id ? { server: `Supabase/${id}`, database: url.database ?? 'postgres' } : null
  },
}

const own: Service = {
  name: 'Supabase',
  hosts: OWN,
  certificates: 'private',
  advice:
    'This host has an IPv6 address only, unless the project has the IPv4 add-on: Vercel, Render and GitHub Actions cannot reach it. The session pooler can be reached from everywhere.',
  identity: ({ url, match }) => ({ server: `Supabase/${match.groups!.id}`, database: url.database ?? 'postgres' }),
  pooler: {
    ...POOLER,
    derive: (url, wanted) => (wanted === 'direct' || POOLER.isPooled(url) ? POOLER.derive!(url, wanted) : null),
    ask: {
      pooled: `The pooler's host can't be derived from this URL: neither the number after 'aws-' nor the region is in it. Copy it from ${CONSOLE}, method 'Transaction pooler'.`,
    },
  },
  about: ({ role }) =>
    role === 'direct'
      ? {}
      : {
          service: 'Supabase dedicated pooler',
          advice: 'The dedicated pooler needs a paid plan, and IPv6 or the IPv4 add-on.',
        },
}

/** https://supabase.com/docs/guides/database/connecting-to-postgres */
export const supabase = provider({
  id: 'supabase',
  name: 'Supabase',
  aliases: ['supa', 'supavisor', 'supabase.com'],
  summary: 'Shared or dedicated pooler in transaction mode; migrations through the session pooler',
  docs: 'https://supabase.com/docs/guides/database/prisma',
  kinds: ['postgresql'],
  hostVariables: {
    pooled: ['POSTGRES_PRISMA_URL', 'POSTGRES_URL', 'SUPABASE_DB_URL'],
    direct: ['POSTGRES_URL_NON_POOLING'],
  },
  services: [shared, own],
  asks: [
    {
      role: 'pooled',
      where: `${CONSOLE}, method 'Transaction pooler' (port 6543)`,
      example:
        'postgresql://postgres.abcdefghijklmnopqrst:PASSWORD@aws-1-eu-central-1.pooler.supabase.com:6543/postgres',
    },
    {
      role: 'direct',
      where: `${CONSOLE}, method 'Session pooler' (port 5432; works on IPv4)`,
      example:
        'postgresql://postgres.abcdefghijklmnopqrst:PASSWORD@aws-1-eu-central-1.pooler.supabase.com:5432/postgres',
      optional: true,
    },
  ],
  check: ({ pooled, direct }) => [pooled, direct].flatMap((url) => (url && userProblem(url)) || []),
  setup,
})

/** The project's reference: behind the dot of the user, a replica's name after it, or in `options=reference=…`. */
function projectOf({ user, params }: ConnectionString): string | null {
  const option = params.find(({ name }) => name === 'options')?.value
  return (
    /\.([a-z0-9]{20})(?:-rr-[a-z0-9-]+)?$/.exec(user ?? '')?.[1] ??
    /reference=([a-z0-9]{20})/.exec(option ?? '')?.[1] ??
    null
  )
}

/** https://supabase.com/docs/guides/troubleshooting: "Tenant or user not found" */
function userProblem(url: ConnectionString): UrlProblem | null {
  const host = url.hosts[0]?.name ?? ''
  const lacks = SHARED.test(host) && projectOf(url) === null
  const hasTooMuch = OWN.test(host) && /\.[a-z0-9]{20}$/.test(url.user ?? '')
  if (!lacks && !hasTooMuch) return null
  const message = lacks
    ? "The shared pooler needs the project in the user's name: postgres.<project ref>. With this user it answers 'Tenant or user not found'."
    : "On this host the user is plain 'postgres'; only the shared pooler has the project in the user's name."
  return error('supabase-user', message, `Copy the URL again from ${CONSOLE}.`)
}

const IPV6_ONLY = {
  code: 'supabase-ipv6',
  message:
    "The direct URL's host has an IPv6 address only, unless the project has the IPv4 add-on: `prisma migrate deploy` on Vercel, Render or GitHub Actions then fails with P1001. The session pooler's URL (port 5432) works everywhere.",
}

function setup(input: SetupInput, known: Recognised | null): Target {
  const target = poolingTarget(input, known, {
    advised: known?.mode === 'transaction' ? { limit: 1, by: 'Supabase' } : undefined,
    authority:
      "Supabase's certificates are its own: download the CA from the dashboard, 'Database', 'Settings', 'SSL Configuration'.",
  })
  const direct = input.direct && supabase.recognise(input.direct)
  const isIpv6Only = direct?.role === 'direct' && direct.mode === undefined
  return {
    ...target,
    warnings: [...target.warnings, ...(isIpv6Only ? [IPV6_ONLY] : [])],
    next: [...target.next, ...(direct?.mode === 'session' && !input.isForHost ? [SHADOWS] : [])],
  }
}

/** Supavisor keeps the connection to a shadow database open when `prisma migrate dev` wants to drop it. */
const SHADOWS =
  'Run `prisma migrate dev` against a database on this machine: through the session pooler it leaves its shadow databases behind (\'is being accessed by other users\'). Those that are left go with DROP DATABASE "<name>" WITH (FORCE).'
