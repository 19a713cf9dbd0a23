import { usesAccelerate } from '../../../codemods/accelerate/in-use.ts'
import type { Parser } from '../../../codemods/module/parse.ts'
import { runtimeOf, scaleOf } from '../../app/deploy.ts'
import { unsupported } from '../../app/framework.ts'
import { NO_GIT } from '../../app/git.ts'
import { type ConnectionString, readUrl } from '../../connection/connection-string.ts'
import { makePlan } from '../../plan/plan.ts'
import type { Plan } from '../../plan/types.ts'
import { checkUrls, providerOf } from '../../providers/index.ts'
import type { Runtime, Sizing, UrlsToCheck } from '../../providers/types.ts'
import { told } from '../audit.ts'
import type { EnvUrl, Facts, Finding } from '../types.ts'
import { ANYWHERE, type Change, WORDS } from './codes.ts'
import { inFiles, notUnderstood } from './in-files.ts'
import { inUrls } from './in-urls.ts'
import { isKnown, isPooled, type Urls, urlsOf } from './urls.ts'

/** What `pooling` would change in the app as it is: one that is in order plans nothing. */
export async function planned(facts: Facts, parser: Parser): Promise<Finding[]> {
  // SQLite's URL in a schema of another kind is `database-kind`'s finding.
  if (unsupported(facts.app) !== null || facts.embedded || facts.runtime?.recognised?.kind === 'sqlite') return []
  const all = await Promise.all(
    urlsOf(facts).map(async (urls) => {
      const refused = refusedUrls(urls, facts)
      const isWrong = refused.some(({ severity }) => severity === 'error')
      const isEnding = urls.known?.role === 'http' || (!urls.known && usesAccelerate(facts.app.snapshot.files))
      // What setup refuses comes first, and a service that is ending isn't set up again.
      return isWrong || isEnding ? refused : [...refused, ...(await changes(urls, facts, parser))]
    }),
  )
  return all.flat()
}

/** What may be meant so, and what is said of Accelerate's URLs by a finding of its own. */
const UNTOLD = /^(same-url|unknown-host|bracketed-password|pgbouncer-port|dsql|not-accelerate|direct-is-accelerate)$/

const ASKS_AGAIN = "Run `pooling` with the provider's name: it asks for the URL again, and says where to find it."

/** In the words of the question for URLs, which asks again for these. */
function refusedUrls({ runtime, direct, known }: Urls, { app }: Facts): Finding[] {
  if (!known) return []
  // Without a pooler to go to, or on a server that stays up, it may be meant so.
  const isMeant = known.mode !== 'session' || runtimeOf(app.deploy) !== 'serverless'
  const isTold = (code: string) => !UNTOLD.test(code) && !(code === 'not-pooled' && isMeant)
  const check = (at: EnvUrl | null, given: UrlsToCheck) =>
    checkUrls(providerOf(known.provider), given)
      .filter(({ code }) => isTold(code))
      .map((problem) => ({ ...problem, at: at! }))
  const both = { pooled: runtime?.url ?? undefined, direct: direct?.url ?? undefined }
  const alone = [...check(runtime, { pooled: both.pooled }), ...check(direct, { direct: both.direct })]
  const together = check(runtime, both).filter(({ code }) => !alone.some((each) => each.code === code))
  const all = [...alone, ...together]
  const swapped = all.filter(({ code }) => code === 'swapped')
  const errors = all.filter(({ severity }) => severity === 'error')
  const telling = [swapped, errors, all].find(({ length }) => length > 0) ?? []
  return telling.map(({ at: { path, line }, code, severity, message, fix = ASKS_AGAIN }) => {
    return { code, severity, path, line, message, fix }
  })
}

async function changes(urls: Urls, facts: Facts, parser: Parser): Promise<Finding[]> {
  const runtime = runtimeOf(facts.app.deploy)
  const plan = await planFor(runtime ?? 'serverless', urls, facts, parser)
  const all = [...inUrls(plan, runtime, urls), ...inFiles(plan, runtime, urls, facts), ...notUnderstood(plan, facts)]
  // A server on this machine, or one that nothing is known of, says nothing of what its URL should have.
  const isSure = ({ code }: Change) => isKnown(urls) || ANYWHERE.has(code)
  // What may be a server needs no limit behind a pooler.
  const isLimit = ({ code }: Change) => runtime === null && code === 'connection-limit' && isPooled(urls)
  const fix = commandFor(urls, facts)
  return all
    .filter((change) => isSure(change) && !isLimit(change))
    .map((change) => told(WORDS[change.code], { fix, ...change }))
}

function planFor(runtime: Runtime, urls: Urls, { app }: Facts, parser: Parser): Promise<Plan> {
  const provider = providerOf(urls.known?.provider ?? 'other')
  const pooled = urls.runtime?.url ?? null
  const { path: source, instances } = scaleOf(app.deploy) ?? {}
  const sizing: Sizing = { runtime, source, instances }
  return makePlan({
    app,
    today: app,
    unfinished: new Set(),
    git: NO_GIT,
    provider,
    answers: {
      provider: provider.id,
      pooled,
      direct: urls.direct?.url ?? (pooled && derived(pooled, urls)),
      test: urls.test?.url ?? null,
      replicas: [],
      envFile: urls.runtime?.path ?? null,
      sizing,
      localTest: false,
      install: false,
      verify: false,
      warnings: [],
      reasons: [],
      poolReady: true,
      created: [],
    },
    server: provider.remembered?.((path) => app.snapshot.files.get(path) ?? null) ?? {},
    provisioned: { reasons: [], comments: [], next: [], shadow: null },
    invocation: '',
    parser,
  })
}

function derived(pooled: ConnectionString, { known }: Urls): ConnectionString | null {
  const direct = known && providerOf(known.provider).derive(pooled, 'direct')
  return direct && 'url' in direct ? readUrl(direct.url) : null
}

function commandFor(urls: Urls, { invocation }: Facts): string {
  const { runtime, known } = urls
  if (!known || !isKnown(urls)) return `Run \`${invocation}\` with the name of the provider that production has.`
  const path = runtime!.path
  const flag =
    known.role === 'local' ? ' --local' : path === '.env' || path === '.env.defaults' ? '' : ` --dotenv ${path}`
  return `Run \`${invocation} ${known.provider}${flag}\`.`
}
