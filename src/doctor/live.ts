import type { Connect } from '../base/ports.ts'
import { isLocal } from '../connection/address.ts'
import { look, type Seen } from '../live/look.ts'
import type { Unreached } from '../live/unreached.ts'
import type { EnvUrl, Facts, Finding } from './types.ts'

/** What connecting showed. */
export interface LiveResult {
  findings: Finding[]
  /** What holds, one sentence each. */
  proofs: string[]
}

/** One of the app's connection strings, and what it led to. */
interface Looked {
  at: EnvUrl
  saw: Seen | Unreached
}

interface Ways {
  runtime: Looked | null
  direct: Looked | null
  test: Looked | null
}

const FAMILY = new Set(['postgresql', 'postgres', 'cockroachdb'])

/**
 * Connects through the app's connection strings and compares where they lead. Only PostgreSQL's protocol is spoken;
 * the others are left to their static rules.
 */
export async function checkLive(facts: Facts, connect: Connect): Promise<LiveResult> {
  // One variable for both, as Prisma 7 has it where there is no pooler, is one connection to look at.
  const own = facts.direct?.name === facts.runtime?.name ? null : facts.direct
  const [runtime, direct, test] = await Promise.all([facts.runtime, own, facts.test].map((at) => lookAt(at, connect)))
  const ways = { runtime: runtime!, direct: direct!, test: test! }
  const results = [ways.runtime, ways.direct, ways.test].map(ofOne)
  return {
    findings: [...withoutRepeats(results.flatMap(({ findings }) => findings)), ...compared(ways)],
    proofs: [...results.flatMap(({ proofs }) => proofs), ...agreements(ways)],
  }
}

/** One host that is out of reach is told once, however many connection strings lead to it. */
function withoutRepeats(findings: readonly Finding[]): Finding[] {
  const same = (a: Finding, b: Finding) => a.code === b.code && a.message === b.message
  return findings.filter((each, index) => findings.findIndex((other) => same(other, each)) === index)
}

async function lookAt(at: EnvUrl | null, connect: Connect): Promise<Looked | null> {
  if (!at?.url || !FAMILY.has(at.url.scheme)) return null
  return { at, saw: await look(at.url, connect) }
}

const NOTHING: LiveResult = { findings: [], proofs: [] }

function ofOne(looked: Looked | null): LiveResult {
  if (!looked) return NOTHING
  const { at, saw } = looked
  if (!saw.reached) {
    const { code, definite, message, fix } = saw
    return { findings: [finding(at, definite ? 'error' : 'warning', { code, message, fix })], proofs: [] }
  }
  const findings = [inTheClear(at, saw), stuckLock(at, saw)].filter((each) => each !== null)
  const how = saw.shares === true ? ' through a transaction pooler: two connections shared one of the server' : ''
  const encrypted = saw.encrypted ? ', encrypted' : ''
  return { findings, proofs: [`${at.name} answers${how}${encrypted}.`] }
}

function inTheClear(at: EnvUrl, { encrypted }: Seen): Finding | null {
  if (encrypted || isLocal(at.url!)) return null
  return finding(at, 'warning', {
    code: 'live-unencrypted',
    message: 'The password and all data travel unencrypted.',
    fix: 'Turn TLS on at the server, unless only a private network lies in between.',
  })
}

function stuckLock(at: EnvUrl, { stuckLock: lock }: Seen): Finding | null {
  if (!lock) return null
  return finding(at, 'error', {
    code: 'live-stuck-migration-lock',
    message: `An idle session (process ${lock.pid}) holds the lock of Prisma's migrations, left there by a migration that went through a pooler. Every later one ends with P1002.`,
    fix: `Run on the direct connection: select pg_terminate_backend(${lock.pid});`,
  })
}

/** What is wrong with how the connection strings relate. */
function compared({ runtime, direct, test }: Ways): Finding[] {
  const found: (Finding | null)[] = [
    direct && seen(direct)?.shares === true
      ? finding(direct.at, 'error', {
          code: 'live-direct-is-pooled',
          message: `${direct.at.name} goes through a transaction pooler too: migrations leave their lock behind in there, and the next one waits for it.`,
          fix: 'Give it the connection string that goes past the pooler.',
        })
      : null,
    runtime && !direct && seen(runtime)?.shares === true
      ? finding(runtime.at, 'error', {
          code: 'live-no-direct',
          message: `${runtime.at.name} goes through a transaction pooler, and there is no other way for migrations: they leave their lock behind in there, and the next one waits for it.`,
          fix: 'Set the app up with a direct connection string too: POOLING_DIRECT_URL.',
        })
      : null,
    runtime && runtime.at.recognised?.mode === 'transaction' && seen(runtime)?.shares === false
      ? finding(runtime.at, 'warning', {
          code: 'live-not-shared',
          message: `Two connections through ${runtime.at.name} got one of the server each, which is not what a transaction pooler does; it may be set to session mode, or be busy just now.`,
          fix: "Look at the pooler's mode (pool_mode), and run this again when it is idle.",
        })
      : null,
    runtime && direct && leadElsewhere(runtime, direct)
      ? finding(direct.at, 'error', {
          code: 'live-different-databases',
          message: `${runtime.at.name} and ${direct.at.name} lead to different databases: the app would not see what migrations do.`,
          fix: 'Give both the connection strings of one database.',
        })
      : null,
    testIsLive(
      test,
      [runtime, direct].find((live) => test && live && leadToOne(test, live)),
    ),
  ]
  return found.filter((each) => each !== null)
}

function testIsLive(test: Looked | null, live: Looked | null | undefined): Finding | null {
  if (!test || !live) return null
  return finding(test.at, 'error', {
    code: 'live-test-is-live',
    message: `${test.at.name} leads to the database of ${live.at.name}, whatever its address: tests would empty it.`,
    fix: `Give ${test.at.name} another database.`,
  })
}

function agreements({ runtime, direct, test }: Ways): string[] {
  const lines: (string | null)[] = [
    direct && seen(direct)?.shares === false ? `${direct.at.name} goes past the pooler.` : null,
    runtime && direct && leadToOne(runtime, direct) ? 'Both lead to the same database.' : null,
    test && runtime && leadElsewhere(test, runtime) ? `${test.at.name} leads to another one.` : null,
  ]
  return lines.filter((each) => each !== null)
}

/** `null` where a server does not tell who it is, or is an embedded one that `--local` did not start. */
function identity({ saw }: Looked): string | null {
  return saw.reached ? saw.identity : null
}

function leadToOne(a: Looked, b: Looked): boolean {
  return identity(a) !== null && identity(a) === identity(b)
}

function leadElsewhere(a: Looked, b: Looked): boolean {
  const [one, other] = [identity(a), identity(b)]
  return one !== null && other !== null && one !== other
}

function seen({ saw }: Looked): Seen | null {
  return saw.reached ? saw : null
}

function finding(
  { path, line }: EnvUrl,
  severity: Finding['severity'],
  { code, message, fix }: Pick<Finding, 'code' | 'message' | 'fix'>,
): Finding {
  return { code, severity, path, line, message, fix }
}
