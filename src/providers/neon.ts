import type { ConnectionString } from '../connection/connection-string.ts'
import { BY_SUFFIX, provider } from './service.ts'
import { poolingTarget } from './target.ts'
import type { Identity } from './types.ts'

const CONSOLE = "Neon's console, button 'Connect'"
const COLD_START = { connect_timeout: '15', sslmode: 'require' }

/** https://neon.com/docs/connect/connection-pooling */
export const neon = provider({
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
  services: [
    {
      name: 'Neon',
      hosts:
        /^(?<id>ep-[a-z0-9-]+?)(?:-pooler)?\.(?:c-\d+\.)?(?<region>[a-z0-9-]+?)(?:\.(?:aws|azure|gcp)\.neon\.(?:tech|build)|\.neon\.tech|\.postgres\.vercel-storage\.com)$/,
      certificates: 'public',
      pooler: {
        mode: 'transaction',
        flag: { flag: 'keep', why: "Neon's pooler keeps track of prepared statements." },
        ...BY_SUFFIX,
      },
      about: ({ host }) => (host.endsWith('vercel-storage.com') ? { service: 'Vercel Postgres (Neon)' } : {}),
    },
  ],
  asks: [
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
  identity: identityByOption,
  setup: (input, known) => poolingTarget(input, known, { sleeps: true, params: COLD_START, directParams: COLD_START }),
})

/** Clients without SNI name it in the `options` parameter or in front of the password. https://neon.com/docs/connect/connection-errors */
function identityByOption({ params, password, database }: ConnectionString): Identity | null {
  const option = params.findLast(({ name }) => name === 'options')?.value ?? password ?? ''
  const endpoint = /\bendpoint=(ep-[a-z0-9-]+?)(?:-pooler)?(?:[;$\s]|$)/.exec(option)?.[1]
  return endpoint ? { server: `Neon/${endpoint}`, database } : null
}
