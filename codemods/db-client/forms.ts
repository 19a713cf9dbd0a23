import { ADAPTERS, POOL_FUNCTION } from './adapters.ts'
import type { AdapterTarget, ClientTarget } from './target.ts'
import { wantedFor } from './wanted.ts'

const NO_POOL = {
  max: null,
  connectionTimeoutMillis: null,
  idleTimeoutMillis: null,
  maxLifetimeSeconds: null,
}
const PACKAGES = Object.keys(ADAPTERS) as AdapterTarget['package'][]
const TLS = ['verified', 'ca-file', 'unverified', 'none'] as const

/** Every form that this command gives a declaration, whatever the target; settings within it do not matter. */
export function formsOf(name: string): string[] {
  if (name === POOL_FUNCTION) {
    return PACKAGES.flatMap((adapter) =>
      TLS.flatMap((tls) => ADAPTERS[adapter].pool?.({ package: adapter, pool: NO_POOL, tls }) ?? []),
    )
  }
  return targets().flatMap((target) =>
    wantedFor(target, {
      adapterClass: target.adapter ? ADAPTERS[target.adapter.package].className : '',
      clientClass: 'PrismaClient',
      adapter: 'adapter',
      typescript: false,
    })
      .declarations.filter((declaration) => declaration.name === name)
      .map(({ code }) => code),
  )
}

function targets(): ClientTarget[] {
  const common = {
    prismaMajor: 7,
    runtimeEnv: 'DATABASE_URL',
    readReplicas: { env: 'REPLICAS' },
    singleton: false,
  }
  const pools: ClientTarget['poolVariable'][] = [
    null,
    { name: 'POOL', params: {} },
    { name: 'POOL', params: { pgbouncer: 'true' } },
  ]
  return pools.flatMap((poolVariable): ClientTarget[] => [
    { ...common, style: 'engine', poolVariable, accelerate: false, adapter: null },
    { ...common, style: 'adapter', poolVariable, accelerate: true, adapter: null },
    ...PACKAGES.flatMap((name): ClientTarget[] => {
      const adapter = { package: name, pool: NO_POOL, tls: 'none' as const }
      const seven: ClientTarget = { ...common, style: 'adapter', poolVariable, accelerate: true, adapter }
      return [seven, { ...seven, prismaMajor: 6 }]
    }),
  ])
}
