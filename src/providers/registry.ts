import { accelerate } from './accelerate.ts'
import { aws } from './aws.ts'
import { digitalocean } from './digitalocean.ts'
import { heroku } from './heroku.ts'
import { neon } from './neon.ts'
import { other } from './other.ts'
import { pgbouncer } from './pgbouncer.ts'
import { planetscale } from './planetscale.ts'
import { prismaPostgres } from './prisma-postgres.ts'
import { supabase } from './supabase.ts'
import type { Provider, ProviderId } from './types.ts'

/**
 * In the order of the list to choose from, in which URLs are recognised, too: Heroku's hosts are AWS's, so its
 * credentials are looked at before; a port or a parameter tells PgBouncer only where no host does; `other` knows the
 * services that the list doesn't offer.
 */
export const BY_ID: Readonly<Record<ProviderId, Provider>> = {
  supabase,
  neon,
  'prisma-postgres': prismaPostgres,
  heroku,
  digitalocean,
  aws,
  planetscale,
  pgbouncer,
  accelerate,
  other,
}

export const PROVIDERS: readonly Provider[] = Object.values(BY_ID)
