import type { ProviderId } from '../../providers/types.ts'
import { doctl } from './digitalocean.ts'
import { heroku } from './heroku.ts'
import { neonctl } from './neon.ts'
import { pscale } from './planetscale.ts'
import type { ProviderCli } from './types.ts'

/** Loaded with the questions only, and not with the providers, which `--help` needs. */
export const CLIS: Readonly<Partial<Record<ProviderId, ProviderCli>>> = {
  heroku,
  digitalocean: doctl,
  neon: neonctl,
  planetscale: pscale,
}
