import type { ConnectionString } from '../connection/connection-string.ts'
import { CLIS } from '../providers/cli/index.ts'
import type { Provider } from '../providers/types.ts'
import { judgeText } from './judge.ts'
import { confirm, type Flow, say } from './query.ts'
import { QUESTIONS, VARIABLES } from './questions.ts'
import type { AskContext } from './types.ts'

export interface FetchedPair {
  pooled: ConnectionString | null
  direct: ConnectionString | null
  reasons: string[]
  poolReady: boolean
}

/** Offers to ask the provider's own CLI, where it is installed; `null` when that is declined or leads nowhere. */
export function* fetchWithCli(provider: Provider, context: AskContext): Flow<FetchedPair | null> {
  const cli = CLIS[provider.id]
  if (!cli || !context.installed?.(cli.program)) return null
  const agreed = yield* confirm({
    question: {
      ...QUESTIONS.cli,
      message: `Let ${cli.program} ${cli.purpose}?`,
      explain: `${cli.program}, the command line of ${provider.name}, is installed. Each command is shown before it runs.`,
    },
    initial: true,
    fallback: false,
  })
  if (!agreed) return null
  const fetched = yield* cli.fetch({ kind: context.kind, today: context.today })
  if (!fetched) return null
  const pooled = yield* read(fetched.pooled, VARIABLES.pooled.name, cli.program)
  const direct = yield* read(fetched.direct, VARIABLES.direct.name, cli.program)
  const isUnreadable = !pooled && !direct && (fetched.pooled ?? fetched.direct) !== undefined
  if (isUnreadable) return null
  return { pooled, direct, reasons: fetched.reasons, poolReady: fetched.poolReady === true }
}

function* read(text: string | undefined, supply: string, program: string): Flow<ConnectionString | null> {
  if (text === undefined) return null
  const verdict = judgeText(text, supply)
  if ('url' in verdict) return verdict.url
  yield* say(`The connection string from ${program} cannot be used: ${verdict.problem.message}`)
  return null
}
