import { asTransform } from '../audit/transform.ts'
import type { AdapterTarget, ClientTarget } from '../targets.ts'
import { ADAPTERS } from './adapters.ts'
import { editClient } from './edit.ts'

/**
 * The codemod for `npx jscodeshift -t codemods/db-client/transform.ts api/src/lib/db.ts`, with the target as options:
 * `--prisma=7`, `--adapter=pg|neon|mariadb|planetscale`, `--tls=verified|ca-file|unverified|none`, `--max=5`,
 * `--timeout=10000`, `--idle=10000`, `--lifetime=300`, `--accelerate`, `--readReplicas=DATABASE_REPLICA_URLS`,
 * `--poolVariable=NAME` with `--poolParams=pgbouncer=true`, and `--singleton`. What is left out is taken out.
 */
export default asTransform((text, path, options, parser) => editClient(text, path, targetOf(options), parser))

export function targetOf(options: Record<string, unknown>): ClientTarget {
  const { adapter, prisma, poolVariable, poolParams, readReplicas } = options
  const prismaMajor = Number(prisma ?? (adapter === undefined ? 5 : 7))
  return {
    style: adapter === undefined && prismaMajor < 7 ? 'engine' : 'adapter',
    prismaMajor,
    runtimeEnv: 'DATABASE_URL',
    poolVariable:
      poolVariable === undefined
        ? null
        : {
            name: String(poolVariable),
            params: Object.fromEntries(new URLSearchParams(String(poolParams ?? ''))),
          },
    accelerate: isOn(options.accelerate),
    adapter: adapter === undefined ? null : adapterOf(`@prisma/adapter-${adapter}`, options),
    readReplicas: readReplicas === undefined ? null : { env: String(readReplicas) },
    singleton: isOn(options.singleton),
  }
}

function adapterOf(
  name: string,
  { tls, max, timeout, idle, lifetime }: Record<string, unknown>,
): AdapterTarget {
  if (!(name in ADAPTERS)) {
    throw new RangeError(
      `--adapter is none of ${Object.keys(ADAPTERS).join(', ').replaceAll('@prisma/adapter-', '')}`,
    )
  }
  const number = (value: unknown) => (value === undefined ? null : Number(value))
  return {
    package: name as AdapterTarget['package'],
    tls: (tls ?? 'none') as AdapterTarget['tls'],
    pool: {
      max: number(max),
      connectionTimeoutMillis: number(timeout),
      idleTimeoutMillis: number(idle),
      maxLifetimeSeconds: number(lifetime),
    },
  }
}

/** jscodeshift hands `--accelerate` over as `true` and `--accelerate=true` as a text. */
function isOn(value: unknown): boolean {
  return value === true || value === 'true'
}
