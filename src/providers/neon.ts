import type { ConnectionString } from '../connection/connection-string.ts'
import { withHost } from '../connection/edit.ts'
import { directUrl, poolingTarget } from './target.ts'
import type { Derived, Provider, Recognised, SetupInput, Target } from './types.ts'

const HOST =
  /^(ep-[a-z0-9-]+?)(-pooler)?\.(?:c-\d+\.)?([a-z0-9-]+?)(?:\.(?:aws|azure|gcp)\.neon\.(?:tech|build)|\.neon\.tech|\.postgres\.vercel-storage\.com)$/
const CONSOLE = "Neon's console, button 'Connect'"
const COLD_START = { connect_timeout: '15', sslmode: 'require' }

/** https://neon.com/docs/connect/connection-pooling */
export const neon: Provider = {
  id: 'neon',
  name: 'Neon',
  aliases: ['neondb', 'neon.tech', 'vercel', 'vercel-postgres'],
  summary: 'Pooled host with -pooler in its name; the direct one is derived from it',
  docs: 'https://neon.com/docs/guides/prisma',
  kinds: ['postgresql'],
  hostVariables: {
    pooled: ['DATABASE_URL', 'POSTGRES_PRISMA_URL', 'POSTGRES_URL'],
    direct: ['DATABASE_URL_UNPOOLED', 'POSTGRES_URL_NON_POOLING'],
  },
  recognise,
  derive,
  identity(url) {
    const endpoint = HOST.exec(url.hosts[0]?.name ?? '')?.[1] ?? endpointOption(url)
    return endpoint ? { server: `neon/${endpoint}`, database: url.database } : null
  },
  questions: () => [
    {
      role: 'pooled',
      where: `${CONSOLE}, with 'Connection pooling' switched on`,
      example:
        'postgresql://role:PASSWORD@ep-quiet-sea-a1b2c3d4-pooler.eu-central-1.aws.neon.tech/neondb?sslmode=require',
    },
    {
      role: 'direct',
      where: `${CONSOLE}, with 'Connection pooling' switched off`,
      example: 'postgresql://role:PASSWORD@ep-quiet-sea-a1b2c3d4.eu-central-1.aws.neon.tech/neondb?sslmode=require',
      optional: true,
    },
  ],
  check: () => [],
  setup,
}

/** Clients without SNI name it in the `options` parameter or in front of the password. https://neon.com/docs/connect/connection-errors */
function endpointOption({ params, password }: ConnectionString): string | undefined {
  const option = params.findLast(({ name }) => name === 'options')?.value ?? password ?? ''
  return /\bendpoint=(ep-[a-z0-9-]+?)(?:-pooler)?(?:[;$\s]|$)/.exec(option)?.[1]
}

function recognise(url: ConnectionString): Recognised | null {
  const match = HOST.exec(url.hosts[0]?.name ?? '')
  if (!match) return null
  const known = {
    provider: 'neon',
    service: match[0].endsWith('vercel-storage.com') ? 'Vercel Postgres (Neon)' : 'Neon',
    kind: 'postgresql',
    region: match[3]!,
    certificates: 'public',
  } as const
  return match[2] ? { ...known, role: 'pooled', mode: 'transaction' } : { ...known, role: 'direct' }
}

/** Only the endpoint's label of the host changes: a `-pooler` elsewhere in the URL is the user's own. */
function derive(url: ConnectionString, wanted: 'pooled' | 'direct'): Derived {
  const host = url.hosts[0]?.name ?? ''
  const match = HOST.exec(host)
  if (!match) return { ask: `This is no host of Neon's. Copy the URL from ${CONSOLE}.` }
  const endpoint = match[1]!
  const rest = host.slice(host.indexOf('.'))
  if (wanted === 'pooled') return { url: withHost(url, `${endpoint}-pooler${rest}`) }
  return { url: directUrl({ ...url, text: withHost(url, endpoint + rest) }) }
}

function setup(input: SetupInput): Target {
  const pooled = input.pooled && recognise(input.pooled)?.role === 'pooled'
  return poolingTarget(input, {
    kind: 'postgresql',
    runtime: input.pooled ?? null,
    direct: input.direct ?? null,
    pooler: pooled ? 'transaction' : null,
    pgbouncer: pooled
      ? { flag: 'keep', why: "Neon's pooler keeps track of prepared statements." }
      : { flag: 'remove', why: 'this host has no pooler.' },
    sleeps: true,
    params: COLD_START,
    directParams: COLD_START,
  })
}
