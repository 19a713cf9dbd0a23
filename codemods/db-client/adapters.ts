import { type AdapterTarget, CA_VARIABLE, POOL_VARIABLES } from './target.ts'

/** How one driver adapter is built, in code with semicolons, single quotes and two spaces. */
interface AdapterCode {
  className: string
  /** The function that turns a URL into the adapter's configuration; `null` where the URL is all there is to it. */
  pool: ((target: AdapterTarget) => string) | null
  /** It takes `{ schema }` as its second argument. */
  schema: boolean
  /** The expression that builds the adapter for the URL that `url` evaluates to. */
  build: (className: string, url: string, prismaMajor: number) => string
}

export const POOL_FUNCTION = 'databasePool'
export const SCHEMA_FUNCTION = 'databaseSchema'

/**
 * Follows the URL at run time, so that a test run is in the schema of its own URL. Prisma's CLI takes the schema of
 * migrations from there as well. `undefined` leaves the adapter's default, `public`.
 */
export const SCHEMA_DECLARATION = {
  name: SCHEMA_FUNCTION,
  code: `// An adapter does not read \`?schema=\` from the URL, as Prisma's CLI does.
const ${SCHEMA_FUNCTION} = (databaseUrl = '') =>
  new URLSearchParams(databaseUrl.split('?')[1]).get('schema') || undefined;`,
} as const

/** The member of an adapter's second argument. */
export const schemaMember = (url: string) => `schema: ${SCHEMA_FUNCTION}(${url})`

const fromPool = (className: string, url: string) => `new ${className}(${POOL_FUNCTION}(${url}))`

const inSchema = (className: string, connection: string, url: string) =>
  `new ${className}(${connection}, {\n  ${schemaMember(url)},\n})`

/** Before 6.6 the adapter takes a pool and no configuration; it still takes one in 7. */
const fromPgPool = (className: string, url: string, prismaMajor: number) => {
  const pool = `${POOL_FUNCTION}(${url})`
  return inSchema(className, needsPgPool(prismaMajor) ? `new Pool(${pool})` : pool, url)
}

export const PG_POOL = { name: 'Pool', source: 'pg' } as const

export function needsPgPool(prismaMajor: number): boolean {
  return prismaMajor < 7
}

export const ADAPTERS: Record<AdapterTarget['package'], AdapterCode> = {
  '@prisma/adapter-pg': { className: 'PrismaPg', pool: pgPool, schema: true, build: fromPgPool },
  '@prisma/adapter-mariadb': {
    className: 'PrismaMariaDb',
    pool: mariadbPool,
    schema: false,
    build: fromPool,
  },
  '@prisma/adapter-planetscale': {
    className: 'PrismaPlanetScale',
    pool: null,
    schema: false,
    build: (className, url) => `new ${className}({ url: ${url} })`,
  },
}

/** Every driver adapter of Prisma's own and of the community's that a Redwood or Cedar app may be found with. */
export function isAdapterPackage(source: string): boolean {
  return /^@prisma\/adapter-|^prisma-adapter-|\/prisma-adapter/.test(source)
}

/** Whether a target's code reads the CA from a file. */
export function readsCaFile({ package: name, tls }: AdapterTarget): boolean {
  return tls === 'ca-file' && (name === '@prisma/adapter-pg' || name === '@prisma/adapter-mariadb')
}

/**
 * Hosts that exist nowhere, named in the error that a query then ends with. Without a URL of its own kind, `pg` would
 * turn to the PGHOST and PGUSER of the environment, also in a test run; and an error thrown while the module loads
 * would end builds that never query.
 */
const NOT_POSTGRESQL = 'database-url-is-not-postgresql.invalid'
const NOT_MYSQL = 'database-url-is-not-mysql.invalid'

function pgPool({ pool, tls }: AdapterTarget): string {
  return lines(
    "// pg takes its pool and TLS from here. What Prisma's own engine read from the",
    '// URL means nothing to it, and an `sslmode` there would override `ssl`.',
    `const ${POOL_FUNCTION} = (databaseUrl = '') => {`,
    "  const [server = '', query] = (",
    "    databaseUrl.startsWith('postgres')",
    '      ? databaseUrl',
    `      : 'postgresql://${NOT_POSTGRESQL}'`,
    "  ).split('?');",
    '  const params = new URLSearchParams(query);',
    "  const sslmode = params.get('sslmode');",
    ...(tls === 'none'
      ? []
      : [
          '  const isLocal =',
          '    /(@|\\/\\/)([\\w-]*|127\\.0\\.0\\.1|\\[::1\\])(:\\d+)?(\\/[^/@]*)?$/.test(server);',
          "  const useTls = sslmode ? sslmode !== 'disable' : !isLocal;",
        ]),
    ...(tls === 'ca-file' ? ["  const isStrict = sslmode === 'verify-full';", ...certificate()] : []),
    '  const notForPg =',
    '    /^(ssl|channel|pgbouncer|schema|conn|pool_|socket_|max_|statement_cache)/;',
    '  const kept = [...params].filter(([name]) => !notForPg.test(name));',
    '',
    '  return {',
    `    connectionString: \`\${server}?\${new URLSearchParams(kept)}\`,`,
    ...tlsOption(tls, "sslmode !== null && sslmode !== 'disable'", "sslmode === 'verify-full'"),
    ...poolOptions(pool),
    '  };',
    '};',
  )
}

/** What `pg` and all that is made like it call the pool's settings. */
function poolOptions(pool: AdapterTarget['pool']): string[] {
  const names = ['max', 'connectionTimeoutMillis', 'idleTimeoutMillis', 'maxLifetimeSeconds'] as const
  return names.flatMap((name) => option(name, POOL_VARIABLES[name], pool[name]))
}

/**
 * `idleTimeout` is in seconds here. The pool opens connections only while fewer than `minimumIdle` are idle: left out,
 * the whole pool at once, and with 0 none, ever. Connecting may take one second unless it is told otherwise.
 * https://github.com/mariadb-corporation/mariadb-connector-nodejs/blob/main/documentation/promise-api.md#pool-options
 */
function mariadbPool({ pool, tls }: AdapterTarget): string {
  return lines(
    "// mariadb takes its pool and TLS from here: Prisma's URL parameters mean nothing",
    '// to it.',
    `const ${POOL_FUNCTION} = (databaseUrl = '') => {`,
    '  const url = new URL(',
    '    /^(mysql|mariadb):/.test(databaseUrl) && URL.canParse(databaseUrl)',
    '      ? databaseUrl',
    `      : 'mysql://${NOT_MYSQL}'`,
    '  );',
    "  const sslaccept = url.searchParams.get('sslaccept');",
    "  const isStrict = sslaccept !== null && sslaccept !== 'accept_invalid_certs';",
    ...(tls === 'none'
      ? []
      : [
          "  const isLocal = !url.hostname.includes('.') || url.hostname === '127.0.0.1';",
          '  const useTls = sslaccept !== null || !isLocal;',
        ]),
    ...(tls === 'ca-file' ? certificate() : []),
    '',
    '  return {',
    "    host: url.hostname.replace(/[[\\]]/g, ''),",
    '    port: Number(url.port || 3306),',
    '    user: decodeURIComponent(url.username),',
    '    password: decodeURIComponent(url.password),',
    '    database: decodeURIComponent(url.pathname.slice(1)),',
    "    socketPath: url.searchParams.get('socket') || undefined,",
    ...tlsOption(tls, 'sslaccept !== null && { rejectUnauthorized: isStrict }', 'isStrict'),
    ...option('connectionLimit', POOL_VARIABLES.max, pool.max),
    '    minimumIdle: 1,',
    ...option('acquireTimeout', POOL_VARIABLES.connectionTimeoutMillis, pool.connectionTimeoutMillis),
    ...option('connectTimeout', POOL_VARIABLES.connectionTimeoutMillis, pool.connectionTimeoutMillis),
    ...option('idleTimeout', POOL_VARIABLES.idleTimeoutMillis, pool.idleTimeoutMillis, ' / 1000'),
    '  };',
    '};',
  )
}

function certificate(): string[] {
  return [
    `  const ca = process.env.${CA_VARIABLE};`,
    '  const tls = ca',
    "    ? { ca: ca.startsWith('-----BEGIN') ? ca : readFileSync(ca) }",
    '    : { rejectUnauthorized: isStrict };',
  ]
}

function tlsOption(tls: AdapterTarget['tls'], asked: string, strict: string): string[] {
  switch (tls) {
    case 'none':
      return [`    ssl: ${asked},`]
    case 'verified':
      return ['    ssl: useTls,']
    case 'unverified':
      return [
        "    // Encrypted, but unverified: the provider's certificates have no public CA.",
        `    ssl: useTls && { rejectUnauthorized: ${strict} },`,
      ]
    case 'ca-file':
      return [
        "    // Verified against the database's own CA, where its path or PEM text is in",
        `    // ${CA_VARIABLE}; without it encrypted, but unverified.`,
        '    ssl: useTls && tls,',
      ]
  }
}

function option(name: string, variable: string, value: number | null, scale = ''): string[] {
  if (value === null) {
    return []
  }
  const read = `process.env.${variable} || ${value}`
  const line = `    ${name}: Number(${read})${scale},`
  return line.length <= 80 ? [line] : [`    ${name}: Number(`, `      ${read}`, `    )${scale},`]
}

function lines(...parts: string[]): string {
  return parts.join('\n')
}
