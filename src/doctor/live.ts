import type { Connect, Reader, Stopped, Took } from '../base/ports.ts'
import { readUrl, splitUrls } from '../connection/connection-string.ts'
import { look, type Seen } from '../live/look.ts'
import type { Unreached } from '../live/unreached.ts'
import { REPLICAS } from '../plan/names.ts'
import { told } from './audit.ts'
import { LIVE_CHECKS, type LiveCheck, leadElsewhere, leadToOne, type Reached, type Ways } from './live-checks.ts'
import type { EnvUrl, Facts, Finding } from './types.ts'

/** What connecting showed. */
export interface LiveResult {
  findings: Finding[]
  /** What holds, one sentence each. */
  proofs: string[]
  /** Each connection string that was tried: how long each step took, and where it stopped. */
  connections: { name: string; stopped: Stopped['step']; took: Took; server: Server | null }[]
  /** What the app's and the direct connection string led to. */
  runtime: Seen | null
  direct: Seen | null
}

type Server = Pick<Seen, 'mode' | 'maxConnections' | 'reserved' | 'inUse' | 'isReadOnly'>

export const NOT_CONNECTED: LiveResult = { findings: [], proofs: [], connections: [], runtime: null, direct: null }

interface Looked {
  at: EnvUrl
  saw: Seen | Unreached
}

const FAMILY = new Set(['postgresql', 'postgres', 'cockroachdb'])
const MYSQL = new Set(['mysql', 'mariadb'])
const LIST = new Intl.ListFormat('en')
/** Migrations connect by the URL alone; the app's code has no say. */
const MIGRATIONS: Reader = { client: 'engine' }

/**
 * Connects through the app's connection strings and compares where they lead: in PostgreSQL's protocol, and in MySQL's
 * where the app has a driver for it. The others are left to their static checks.
 */
export async function checkLive(facts: Facts, connect: Connect): Promise<LiveResult> {
  // One variable for both, as Prisma 7 has it where there is no pooler, is one connection to look at.
  const own = facts.direct?.name === facts.runtime?.name ? null : facts.direct
  const tries: [EnvUrl | null, Reader][] = [
    [facts.runtime, facts.reader],
    [own, MIGRATIONS],
    [facts.test, facts.reader],
    ...replicasOf(facts).map((at): [EnvUrl, Reader] => [at, facts.reader]),
  ]
  const looked = await lookAtAll(tries, connect)
  const [runtime = null, direct = null, test = null, ...replicas] = looked.map(reached)
  const all = [runtime, direct, test, ...replicas].filter((each) => each !== null)
  const ways: Ways = {
    runtime,
    direct,
    test,
    replicas: replicas.filter((each) => each !== null),
    all,
    hasDirect: own !== null,
    isEngine: facts.reader.client === 'engine',
  }
  const tried = looked.filter((each) => each !== null)
  return {
    findings: [...refused(tried), ...LIVE_CHECKS.flatMap((check) => checked(check, ways))],
    proofs: [...all.map(answers), ...agreements(ways)],
    connections: tried.map(({ at: { name }, saw }) => {
      if (!saw.reached) return { name, stopped: saw.step, took: saw.took, server: null }
      const { took, mode, maxConnections, reserved, inUse, isReadOnly } = saw
      return { name, stopped: null, took, server: { mode, maxConnections, reserved, inUse, isReadOnly } }
    }),
    runtime: runtime?.saw ?? null,
    direct: direct?.saw ?? null,
  }
}

function replicasOf({ urls }: Facts): EnvUrl[] {
  const at = urls.findLast(({ name }) => name === REPLICAS)
  return splitUrls(at?.value ?? '').flatMap((value) => {
    const url = readUrl(value)
    return url ? [{ ...at!, url, recognised: null }] : []
  })
}

/** One after the other at one address: we would be the traffic that hides how a pooler hands out connections. */
function lookAtAll(tries: readonly [EnvUrl | null, Reader][], connect: Connect): Promise<(Looked | null)[]> {
  const turns = new Map<string, Promise<Looked | null>>()
  return Promise.all(
    tries.map(([at, reader]) => {
      const address = JSON.stringify(at?.url?.hosts)
      const before = turns.get(address) ?? Promise.resolve(null)
      const turn = before.then((last) => (at && isFar(last) ? { at, saw: last.saw } : lookAt(at, reader, connect)))
      turns.set(address, turn)
      return turn
    }),
  )
}

/** Not reached by any name or password. */
function isFar(looked: Looked | null): looked is Looked {
  return looked !== null && !looked.saw.reached && (looked.saw.step === 'DNS' || looked.saw.step === 'TCP')
}

async function lookAt(at: EnvUrl | null, reader: Reader, connect: Connect): Promise<Looked | null> {
  const schemes = reader.client === 'mariadb' ? MYSQL : FAMILY
  if (!at?.url || !schemes.has(at.url.scheme)) return null
  return { at, saw: await look(at.url, connect, { reader, pins: at.recognised?.flag?.flag === 'remove' }) }
}

function reached(looked: Looked | null): Reached | null {
  return looked?.saw.reached ? { at: looked.at, saw: looked.saw } : null
}

/** Refused connections, first or second. A host that is out of reach is one finding for all of its URLs. */
function refused(tried: readonly Looked[]): Finding[] {
  const all = tried.flatMap(({ at, saw }) => {
    const no = saw.reached ? saw.second : saw
    return no === undefined || (saw.reached && !no.definite) ? [] : [{ at, no, says: messageOf(no, at) }]
  })
  return all.flatMap(({ at: { path, line }, no, says }, index) => {
    const same = all.filter((other) => other.says === says)
    if (same[0] !== all[index]) return []
    const names = LIST.format(new Set(same.map(({ at }) => at.name)))
    const severity = no.definite ? 'error' : 'warning'
    return [{ code: no.code, severity, path, line, message: `${names}: ${says}`, fix: no.fix }]
  })
}

function messageOf({ message, step, definite }: Unreached, { recognised }: EnvUrl): string {
  const far = step === null ? '' : ` The connection ended at: ${step}.`
  const advice = definite || !recognised?.advice ? '' : ` ${recognised.advice}`
  return `${message}${far}${advice}`
}

function checked(check: LiveCheck, ways: Ways): Finding[] {
  const { severity } = check
  return check
    .run(ways)
    .map(({ at: { path, line }, detail, fix }) => told(check, { severity, path, line, detail, fix }))
}

function answers({ at: { name }, saw: { shares, encrypted } }: Reached): string {
  const how = shares === true ? ' through a transaction pooler: two connections shared one of the server' : ''
  return `${name} answers${how}${encrypted ? ', encrypted' : ''}.`
}

const PAST = 'bypasses the pooler'
/** So it is with a pooler in session mode. */
const OWN = 'has a database connection to itself'

function agreements({ runtime, direct, test }: Ways): string[] {
  const lines: (string | null)[] = [
    runtime?.saw.namesCollide === false ? 'The pooler keeps the prepared statements of its clients apart.' : null,
    direct?.saw.shares === false ? `${direct.at.name} ${direct.saw.mode === 'session' ? OWN : PAST}.` : null,
    runtime && direct && leadToOne(runtime, direct)
      ? `${runtime.at.name} and ${direct.at.name} lead to the same database.`
      : null,
    test && runtime && leadElsewhere(test, runtime) ? `${test.at.name} leads to another database.` : null,
  ]
  return lines.filter((each) => each !== null)
}
