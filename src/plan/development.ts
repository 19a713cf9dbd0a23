import { type EnvEntry, readEnv } from '../../codemods/env/dotenv-lex.ts'
import { RUNTIME } from '../../codemods/env/files.ts'
import type { Snapshot } from '../app/snapshot.ts'
import { type ConnectionString, isLocal, readUrl } from '../connection/connection-string.ts'
import { SCHEMES } from '../connection/kinds.ts'
import { providerOf, recognise } from '../providers/index.ts'
import { sameDatabase } from '../providers/same-database.ts'
import { directUrl } from '../providers/target.ts'
import type { Target } from '../providers/types.ts'
import { COMMENTS, underComment } from './comments.ts'
import type { PlanDraft } from './draft.ts'
import type { PlanInput } from './input.ts'
import type { Names } from './names.ts'
import { prismaDevPort, SHADOW } from './shadow.ts'

/** The connection strings that an env file is to hold; `null` for a variable that is left as it is. */
export interface Held extends Pick<Target, 'runtimeUrl' | 'directUrl' | 'shadowUrl'> {
  envFile: string | null
  /** Steps that are left to the user, before anything else and at the end. */
  first: string[]
  last: string[]
}

/**
 * Where the host has production's connection strings, none of them is written: `.env` is for a database to develop with,
 * which is on this machine or shown to be another one, and which then gets the variable that migrations read.
 */
export function heldInEnv(draft: PlanDraft, input: PlanInput, target: Target, names: Names): Held {
  const { app, answers, invocation } = input
  const { envFile, provider } = answers
  const isTold = target.runtimeUrl !== null || target.directUrl !== null
  if (envFile !== null && isTold) return { ...target, envFile, first: [], last: [] }
  const { local } = input.provisioned
  const nothing: Held = { envFile, runtimeUrl: null, directUrl: null, shadowUrl: null, first: [], last: [] }
  const start = `\`${invocation} ${provider} --local --dotenv none\``
  const given = [answers.pooled, answers.direct, ...answers.replicas].filter((url) => url !== null)
  const isGiven = (url: ConnectionString | null) => url !== null && given.some((each) => sameDatabase(url, each))
  const leaks = readEnv(textOf(app.snapshot)).filter(({ value }) => isGiven(readUrl(value)))
  if (leaks.length > 0 && !local) {
    const lines = leaks.map(({ name, line }) => `${name} (.env:${line})`).join(' and ')
    draft.warn('production-url-in-env', `${lines} leads to the production database, and was left alone.`)
    const why = '`rw dev`, `migrate reset` and a seed work on production with it'
    return { ...nothing, first: [`Move ${lines} to the host: ${why}. Then start a database for development: ${start}`] }
  }
  const today = (name: string) => ownValue(input, name)
  const runtime = local?.url ?? today(RUNTIME)
  const own = readUrl(runtime)
  if (!own || !isKind(own, target) || !(isLocal(own) || given.length > 0)) {
    const step = `.env names no PostgreSQL to develop with: ${start} starts one on this machine.`
    return { ...nothing, last: target.kind === 'postgresql' ? [step] : [] }
  }
  const shadow = local?.shadow ?? today(SHADOW)
  const direct = names.direct && ((!local && today(names.direct)) || directOf(own))
  const step = `Add ${names.direct} to .env: the direct connection of the database that ${RUNTIME} leads to.`
  return {
    envFile: '.env',
    runtimeUrl: runtime,
    directUrl: direct,
    shadowUrl: prismaDevPort(shadow) === null ? null : shadow,
    first: [],
    last: names.direct !== null && direct === null ? [step] : [],
  }
}

/**
 * In `.env`: the user's own, from before us. Of what we wrote only the servers of `--local` stay when the app goes
 * elsewhere.
 */
function ownValue({ app, today }: PlanInput, name: string): string {
  const isIt = (entry: EnvEntry) => entry.name === name
  const valueIn = (snapshot: Snapshot) => readEnv(textOf(snapshot)).findLast(isIt)?.value ?? ''
  const [now, before] = [valueIn(today.snapshot), valueIn(app.snapshot)]
  const ours = underComment(textOf(app.snapshot), [COMMENTS.runtime, COMMENTS.direct]).find(isIt)?.value
  return prismaDevPort(now) !== null ? now : before === ours ? '' : before
}

function textOf({ files }: Snapshot): string {
  return files.get('.env') ?? ''
}

/** CockroachDB is also named by PostgreSQL's scheme. */
function isKind({ scheme }: ConnectionString, { kind }: Target): boolean {
  const other = SCHEMES[scheme]
  return other === kind || (kind === 'cockroachdb' && other === 'postgresql')
}

function directOf(url: ConnectionString): string | null {
  if (isLocal(url)) return directUrl(url)
  const known = recognise(url)
  const derived = known && providerOf(known.provider).derive(url, 'direct')
  return derived && 'url' in derived ? derived.url : null
}
