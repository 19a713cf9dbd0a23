import { param } from '../connection/connection-string.ts'
import { isPrismaScheme, SCHEMES } from '../connection/kinds.ts'
import { error, type UrlProblem } from '../connection/url-problem.ts'
import { provider, type Service } from './service.ts'
import { directUrl, emptyTarget, plainAdapter } from './target.ts'
import type { SetupInput, Target, UrlsToCheck } from './types.ts'

const CONSOLE = "Prisma Console, your project, 'Accelerate', 'API Keys'"
const DATABASE = "your database's own console: the URL of the database behind Accelerate"

const http: Service = {
  name: 'Prisma Accelerate',
  hosts: /(^|\.)(prisma-data\.net|prisma-data\.com)$/,
  matches: ({ scheme }) => isPrismaScheme(scheme),
  kind: 'postgresql',
  advice: 'From 2026-12-01 on no query gets through this service.',
  about: ({ url }) => ({
    role: 'http',
    ...(url.scheme === 'prisma' ? {} : { service: 'Prisma Postgres over HTTP (Accelerate)' }),
  }),
  identity: ({ url }) => ({ server: `accelerate/${param(url, 'api_key') ?? ''}`, database: null }),
}

export const accelerate = provider({
  id: 'accelerate',
  name: 'Prisma Accelerate',
  aliases: ['prisma-accelerate', 'data-proxy', 'dataproxy'],
  summary: 'Ends on 2026-12-01: for apps that have it already and move later',
  docs: 'https://www.prisma.io/docs/postgres/database/switch-from-accelerate',
  kinds: ['postgresql', 'mysql', 'cockroachdb', 'mongodb'],
  anyHost: true,
  hostVariables: { pooled: ['PRISMA_DATABASE_URL', 'ACCELERATE_URL'], direct: [] },
  retirement: {
    date: '2026-12-01',
    notice:
      'From 2026-12-01 on no query gets through Accelerate, the hosted prisma+postgres:// endpoint of Prisma Postgres included. Query caching has no successor; pooling does: any other provider of this list.',
  },
  services: [http],
  derive: (_, wanted) => ({ ask: wanted === 'direct' ? DATABASE : CONSOLE }),
  asks: [
    {
      role: 'pooled',
      where: CONSOLE,
      example: 'prisma://accelerate.prisma-data.net/?api_key=YOUR_KEY',
    },
    {
      role: 'direct',
      where: DATABASE,
      example: 'postgresql://app:PASSWORD@db.example.com:5432/app',
    },
  ],
  check,
  setup,
})

function check({ pooled, direct }: UrlsToCheck): UrlProblem[] {
  const isOurs = pooled && accelerate.recognise(pooled) && param(pooled, 'api_key')
  return [
    ...(pooled && !isOurs ? [NOT_ACCELERATE] : []),
    ...(direct && accelerate.recognise(direct) ? [DIRECT_IS_ACCELERATE] : []),
  ]
}

const NOT_ACCELERATE = error(
  'not-accelerate',
  'Accelerate is reached through a prisma:// or prisma+postgres:// URL of accelerate.prisma-data.net with its api_key.',
  `Copy it from the ${CONSOLE}.`,
)
const DIRECT_IS_ACCELERATE = error(
  'direct-is-accelerate',
  'The direct URL goes through Accelerate too, which runs no migrations.',
  "Give the URL of the database itself, from the database's own console.",
)

function setup(input: SetupInput): Target {
  const kind = (input.direct && SCHEMES[input.direct.scheme]) ?? input.kind ?? 'postgresql'
  return {
    ...emptyTarget(kind),
    runtimeUrl: input.pooled?.text ?? null,
    directUrl: input.direct ? directUrl(input.direct) : null,
    separateDirect: true,
    accelerate: true,
    adapter: input.style === 'adapter' ? plainAdapter(kind, input) : null,
    reasons: ['Accelerate pools on its side: no pool parameters belong on its URL.'],
    warnings: [{ code: 'accelerate-retired', message: accelerate.retirement!.notice }],
  }
}
