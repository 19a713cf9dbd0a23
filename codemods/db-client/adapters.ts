import type { AdapterTarget, PoolOptions } from './target.ts'

/** The code that gives one driver adapter its connection. */
interface AdapterCode {
  className: string
  /** The option that holds the URL; `null` where the URL itself is the argument. */
  url: 'connectionString' | 'url' | null
  /** It takes the options of `pg`, and `{ schema }` as its second argument. */
  pg: boolean
}

export const ADAPTERS: Record<AdapterTarget['package'], AdapterCode> = {
  '@prisma/adapter-pg': { className: 'PrismaPg', url: 'connectionString', pg: true },
  '@prisma/adapter-mariadb': { className: 'PrismaMariaDb', url: null, pg: false },
  '@prisma/adapter-planetscale': { className: 'PrismaPlanetScale', url: 'url', pg: false },
}

/** Every driver adapter of Prisma's own and of the community's that a Redwood or Cedar app may be found with. */
export function isAdapterPackage(source: string): boolean {
  return /^@prisma\/adapter-|^prisma-adapter-|\/prisma-adapter/.test(source)
}

/** A member of an adapter's options, in code with single quotes. */
export interface Option {
  name: string
  value: string
  comment: string | null
}

const NUMBERS = ['max', 'connectionTimeoutMillis', 'idleTimeoutMillis', 'maxLifetimeSeconds'] as const

/** The options that the adapter gets besides its URL. */
export function settingsOf({ package: name, pool, why, unverified }: AdapterTarget): Option[] {
  if (!ADAPTERS[name].pg) return []
  return [
    ...(unverified ? [UNVERIFIED] : []),
    ...NUMBERS.flatMap((option) =>
      pool[option] === null
        ? []
        : [{ name: option, value: digits(pool[option]), comment: option === 'max' ? why : null }],
    ),
  ]
}

/** `pg` takes the URL's word over this, so it can only be ours where the URL says nothing. */
export const UNVERIFIED: Option = {
  name: 'ssl',
  value: '{ rejectUnauthorized: false }',
  comment: 'the host signs its own certificates',
}

/** The expression that makes the adapter around its first argument, indented as at the start of a line. */
export function adapterFor(target: AdapterTarget, className: string, connection: string, prismaMajor: number): string {
  const { pg } = ADAPTERS[target.package]
  const schema = pg && target.schema !== null ? `, ${schemaOption(target.schema)}` : ''
  // Before 6.6 the adapter takes a pool and no options; it still takes one in 7.
  return `new ${className}(${pg && prismaMajor < 7 ? `new Pool(${connection})` : connection}${schema})`
}

/** The adapter's first argument. */
export function connectionOf(target: AdapterTarget, url: string): string {
  const { url: name } = ADAPTERS[target.package]
  if (name === null) return fallback(url)
  const members = membersOf([{ name, value: url, comment: null }, ...settingsOf(target)])
  return members.length === 1
    ? `{ ${members[0]!.slice(0, -1)} }`
    : ['{', ...members.map((line) => `  ${line}`), '}'].join('\n')
}

/** The options of a replica's pool, whose URL is ours to write; `null` where the URL holds them all. */
export function replicaOptions({ package: name, pool }: AdapterTarget): string | null {
  if (!ADAPTERS[name].pg) return null
  const numbers = (['max', 'connectionTimeoutMillis'] as const).flatMap((option) =>
    pool[option] === null ? [] : [`${option}: ${digits(pool[option])}`],
  )
  return `{ ${['connectionString', ...numbers].join(', ')} }`
}

/** The driver takes no `undefined`, and an error while the module loads would end builds that never query. */
function fallback(url: string): string {
  return /process\.env\.\w+$/.test(url) ? `${url} || ''` : url
}

export function schemaOption(schema: string): string {
  return `{ schema: '${schema}' }`
}

/** Options as lines, each with its comma, within 80 columns two deep. */
export function membersOf(options: readonly Option[]): string[] {
  return options.flatMap(({ name, value, comment }) => {
    const line = name === value ? `${name},` : `${name}: ${value},`
    if (line.length <= 78) return [comment === null ? line : `${line} // ${comment}`]
    const operands = value.length <= 75 ? [value] : value.split(/(?<= \|\|) /)
    return [`${name}:`, ...operands.map((operand, index) => `  ${operand}${index === operands.length - 1 ? ',' : ''}`)]
  })
}

export const PG_POOL = { name: 'Pool', source: 'pg' } as const

/** A transaction waits longer for its connection than the pool does, which then says what is wrong. */
export function maxWaitOf({ connectionTimeoutMillis }: PoolOptions): number {
  const timeout = connectionTimeoutMillis ?? 10_000
  return timeout === 0 ? 2 ** 31 - 1 : timeout + 2000
}

/** 12000 as `12_000`, 2000 as it is. */
export function digits(value: number): string {
  return value < 10_000 ? String(value) : String(value).replace(/\B(?=(\d{3})+$)/g, '_')
}
