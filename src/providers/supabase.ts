import type { ConnectionString } from '../connection/connection-string.ts'
import { withPort } from '../connection/edit.ts'
import type { UrlProblem } from '../connection/types.ts'
import { caStep, directUrl, poolingTarget } from './target.ts'
import type { Derived, Provider, Recognised, SetupInput, Target } from './types.ts'

const SHARED = /^(?:aws|gcp|azure|fly)-\d+-([a-z]+-[a-z]+-\d+)\.pooler\.supabase\.(?:com|green|co)$/
const OWN = /^db\.([a-z0-9]{20})\.supabase\.(?:co|com|red)$/
const TRANSACTION_PORT = 6543
const CONSOLE = "Supabase's dashboard, button 'Connect', tab 'Connection string'"

/** https://supabase.com/docs/guides/database/connecting-to-postgres */
export const supabase: Provider = {
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
  recognise,
  derive,
  identity(url) {
    const ref = projectOf(url)
    return ref ? { server: `supabase/${ref}`, database: url.database ?? 'postgres' } : null
  },
  questions: () => [
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
  check: ({ pooled, direct }) => [pooled, direct].flatMap((url) => (url ? userProblems(url) : [])),
  setup,
}

function recognise(url: ConnectionString): Recognised | null {
  const { name, port } = url.hosts[0] ?? { name: '', port: null }
  const shared = SHARED.exec(name)
  if (shared) return pooler('Supabase shared pooler', port, shared[1])
  if (OWN.test(name)) {
    return port === TRANSACTION_PORT
      ? {
          ...pooler('Supabase dedicated pooler', port),
          advice: 'The dedicated pooler needs a paid plan, and IPv6 or the IPv4 add-on.',
        }
      : {
          provider: 'supabase',
          service: 'Supabase',
          role: 'direct',
          kind: 'postgresql',
          certificates: 'private',
          advice:
            'This host has an IPv6 address only, unless the project has the IPv4 add-on: Vercel, Render and GitHub Actions cannot reach it. The session pooler can be reached from everywhere.',
        }
  }
  return localStack(name, port)
}

function pooler(service: string, port: number | null, region?: string): Recognised {
  const known = {
    provider: 'supabase',
    service,
    kind: 'postgresql',
    certificates: 'private',
    ...(region ? { region } : {}),
  } as const
  return port === TRANSACTION_PORT
    ? { ...known, role: 'pooled', mode: 'transaction' }
    : {
        ...known,
        role: 'direct',
        mode: 'session',
        advice:
          'Session mode is right for migrations and for servers that stay up; in serverless every client would hold a database connection.',
      }
}

/** `supabase start` listens on 54322, its optional pooler on 54329. */
function localStack(host: string, port: number | null): Recognised | null {
  if (!/^(localhost|127\.0\.0\.1|::1)$/.test(host) || (port !== 54322 && port !== 54329)) return null
  return {
    provider: 'supabase',
    service: 'Supabase on this machine',
    role: 'local',
    kind: 'postgresql',
    ...(port === 54329 ? { mode: 'transaction' as const } : {}),
  }
}

function derive(url: ConnectionString, wanted: 'pooled' | 'direct'): Derived {
  const known = recognise(url)
  const isShared = known?.service === 'Supabase shared pooler'
  if (known?.role === 'local') return { url: directUrl(url) }
  if (wanted === 'direct' && known) return { url: directUrl({ ...url, text: withPort(url, 5432) }) }
  if (wanted === 'pooled' && (isShared || known?.role === 'pooled')) {
    return { url: withPort(url, TRANSACTION_PORT) }
  }
  return {
    ask: `The pooler's host cannot be told from this URL: neither the number after 'aws-' nor the region is in it. Copy it from ${CONSOLE}, method 'Transaction pooler'.`,
  }
}

/** The project's reference: in the host, behind the dot of the user, or in `options=reference=…`. */
function projectOf(url: ConnectionString): string | null {
  const host = url.hosts[0]?.name ?? ''
  const own = OWN.exec(host)?.[1]
  if (own) return own
  if (!SHARED.test(host)) return null
  const option = url.params.find(({ name }) => name === 'options')?.value
  return /\.([a-z0-9]{20})$/.exec(url.user ?? '')?.[1] ?? /reference=([a-z0-9]{20})/.exec(option ?? '')?.[1] ?? null
}

/** https://supabase.com/docs/guides/troubleshooting: "Tenant or user not found" */
function userProblems(url: ConnectionString): UrlProblem[] {
  const host = url.hosts[0]?.name ?? ''
  if (SHARED.test(host) && projectOf(url) === null) {
    return [
      {
        severity: 'error',
        code: 'supabase-user',
        message:
          "The shared pooler needs the project in the user's name: postgres.<project ref>. With this user it answers 'Tenant or user not found'.",
        fix: `Copy the URL again from ${CONSOLE}.`,
      },
    ]
  }
  if (OWN.test(host) && /\.[a-z0-9]{20}$/.test(url.user ?? '')) {
    return [
      {
        severity: 'error',
        code: 'supabase-user',
        message:
          "On this host the user is plain 'postgres'; only the shared pooler has the project in the user's name.",
        fix: `Copy the URL again from ${CONSOLE}.`,
      },
    ]
  }
  if (host.endsWith('.supabase.co') && !SHARED.test(host) && !OWN.test(host)) {
    return [
      {
        severity: 'error',
        code: 'supabase-host',
        message:
          "This is none of Supabase's database hosts: they are db.<project ref>.supabase.co and aws-<n>-<region>.pooler.supabase.com.",
        fix: `Copy the URL from ${CONSOLE}.`,
      },
    ]
  }
  return []
}

const IPV6_ONLY = {
  code: 'supabase-ipv6',
  message:
    "The direct URL's host has an IPv6 address only, unless the project has the IPv4 add-on: `prisma migrate deploy` on Vercel, Render or GitHub Actions then fails with P1001. The session pooler's URL (port 5432) works everywhere.",
}

function setup(input: SetupInput): Target {
  const known = input.pooled && recognise(input.pooled)
  const pooled = known?.mode === 'transaction'
  const target = poolingTarget(input, {
    kind: 'postgresql',
    runtime: input.pooled ?? null,
    direct: input.direct ?? null,
    pooler: known?.mode ?? null,
    pgbouncer: pooled
      ? {
          flag: 'add',
          why: "Supabase's transaction pooler does not keep prepared statements of Prisma's engine apart.",
        }
      : { flag: 'remove', why: 'this URL keeps a session, so prepared statements work.' },
    ...(pooled ? { advised: { limit: 1, by: 'Supabase' } } : {}),
  })
  const direct = input.direct && recognise(input.direct)
  const isIpv6Only = direct?.role === 'direct' && direct.mode === undefined
  return {
    ...target,
    warnings: [...target.warnings, ...(isIpv6Only ? [IPV6_ONLY] : [])],
    next: caStep(
      target,
      input,
      "Supabase's certificates are its own: download the CA from the dashboard, 'Database', 'Settings', 'SSL Configuration'.",
    ),
  }
}
