import { ADAPTERS } from './adapters.ts'
import type { ClientTarget } from './target.ts'
import { plainNames, wantedFor } from './wanted.ts'

const PACKAGES = Object.keys(ADAPTERS) as (keyof typeof ADAPTERS)[]
const POOL = { max: 1, connectionTimeoutMillis: 1, idleTimeoutMillis: null, maxLifetimeSeconds: null }

/** Every form that this command gives a declaration, whatever the target; settings within it do not matter. */
export function formsOf(name: string): string[] {
  const written = targets().flatMap((target) => wantedFor(target, plainNames(target)).declarations)
  return [...new Set(written.filter((declaration) => declaration.name === name).map(({ code }) => code))]
}

function targets(): ClientTarget[] {
  const engine: ClientTarget = {
    style: 'engine',
    prismaMajor: 6,
    poolVariable: { name: 'POOL', params: {} },
    accelerate: false,
    adapter: null,
    readReplicas: { env: 'REPLICAS' },
    asked: [],
  }
  const adapters = PACKAGES.flatMap((name): ClientTarget[] =>
    [null, 'schema'].flatMap((schema): ClientTarget[] => {
      const adapter = { package: name, pool: POOL, why: null, unverified: false, schema, byHand: null }
      const seven: ClientTarget = { ...engine, style: 'adapter', prismaMajor: 7, accelerate: true, adapter }
      return [seven, { ...seven, prismaMajor: 6 }]
    }),
  )
  return [engine, { ...engine, poolVariable: { name: 'POOL', params: { pgbouncer: 'true' } } }, ...adapters]
}
