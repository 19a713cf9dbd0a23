import { sanitiseLine } from '../base/text.ts'
import type { ConnectionString } from '../connection/connection-string.ts'
import { maskUrl } from '../connection/mask.ts'
import type { Provider } from '../providers/types.ts'
import { CLIS } from './cli/index.ts'
import type { Fetched } from './cli/types.ts'
import { judgeText } from './judge.ts'
import { confirm, type Flow, say } from './query.ts'
import { QUESTIONS, VARIABLES } from './questions.ts'
import type { AskContext } from './types.ts'

interface Pair {
  pooled: ConnectionString | null
  direct: ConnectionString | null
}

export interface FetchedPair extends Pair {
  reasons: string[]
  poolReady: boolean
}

/** What is wrong with connection strings that can be read; `null` when nothing is. */
export type FaultOf = (pair: Pair) => string | null

/**
 * Offers to ask the provider's own CLI, where it is installed; `null` when that is declined, leads nowhere, or leads to
 * what would not be taken from a person either.
 */
export function* fetchWithCli(provider: Provider, context: AskContext, faultOf: FaultOf): Flow<FetchedPair | null> {
  const cli = CLIS[provider.id]
  if (!cli || !context.installed?.(cli.program)) return null
  const agreed = yield* confirm({
    question: {
      ...QUESTIONS.cli,
      message: `Let ${cli.program} ${cli.purpose}?`,
      explain: `${cli.program} is installed. Each command is shown before it runs.`,
    },
    initial: true,
    fallback: false,
  })
  if (!agreed) return null
  const fetched = yield* cli.fetch({ kind: context.kind, today: context.today })
  const pair = fetched && (yield* judge(fetched, faultOf))
  if (!fetched || !pair) return null
  if (!fetched.made && !(yield* agreesTo(pair))) return null
  return { ...pair, reasons: fetched.reasons, poolReady: fetched.poolReady === true }
}

function* judge(fetched: Fetched, faultOf: FaultOf): Flow<Pair | null> {
  const pair: Pair = { pooled: null, direct: null }
  for (const role of ['pooled', 'direct'] as const) {
    const text = fetched[role]
    if (text === undefined) continue
    const verdict = judgeText(text, VARIABLES[role].name)
    if ('problem' in verdict) return yield* reject(verdict.problem.message)
    pair[role] = verdict.url
  }
  const fault = faultOf(pair)
  return fault === null ? pair : yield* reject(fault)
}

function* reject(message: string): Flow<null> {
  yield* say(`What was found cannot be used: ${message}`)
  return null
}

/** The only database of an account need not be the one that was meant. */
function* agreesTo({ pooled, direct }: Pair): Flow<boolean> {
  const found = [pooled, direct].filter((url) => url !== null)
  if (found.length === 0) return true
  const explain = found.map(({ text }) => sanitiseLine(maskUrl(text))).join('\n')
  const question = { ...QUESTIONS.cli, message: 'Use what was found?', explain }
  return (yield* confirm({ question, initial: true, fallback: false })) === true
}
