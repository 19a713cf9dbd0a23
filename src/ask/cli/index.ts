import type { ProviderId } from '../../providers/types.ts'
import { awsCli } from './aws.ts'
import { doctl } from './digitalocean.ts'
import { herokuCli } from './heroku.ts'
import { neonctl } from './neon.ts'
import { pscale } from './planetscale.ts'
import { supabaseCli } from './supabase.ts'
import type { ProviderCli } from './types.ts'

/** Loaded with the questions only, and not with the providers, which `--help` needs. */
export const CLIS: Readonly<Partial<Record<ProviderId, ProviderCli>>> = {
  heroku: herokuCli,
  digitalocean: doctl,
  neon: neonctl,
  supabase: supabaseCli,
  aws: awsCli,
  planetscale: pscale,
}
