import { spell } from '../app/commands.ts'
import { PROVIDER_IDS } from '../providers/types.ts'
import { type InputProblem, isArgument } from './problems.ts'
import type { AskContext, Flags } from './types.ts'

type Key = Exclude<keyof Flags, 'provider'>

const SPELLINGS: Record<Key, string> = {
  yes: '--yes',
  force: '--force',
  runtime: '--runtime',
  instances: '--instances',
  concurrency: '--concurrency',
  connectionLimit: '--connection-limit',
  poolTimeout: '--pool-timeout',
  readReplicas: '--read-replicas',
  local: '--local',
  temporary: '--temporary',
  directEnv: '--direct-env',
  dotenv: '--dotenv',
  allowPartial: '--allow-partial',
  resetMigrations: '--reset-migrations',
  install: '--install',
  verify: '--verify',
}

/** What was typed, to be typed again: without what was wrong, and with what mends it. */
export function typedAgain(
  flags: Flags,
  problems: readonly InputProblem[],
  { invocation }: AskContext,
): string {
  const wrong = new Set(problems.map(({ supply }) => supply))
  const mended = problems.flatMap(({ fix }) => (fix !== undefined && isArgument(fix) ? [fix] : []))
  const provider = PROVIDER_IDS.find((id) => id === flags.provider && !wrong.has('<provider>'))
  const kept = (Object.keys(SPELLINGS) as Key[]).flatMap((key) =>
    wrong.has(SPELLINGS[key]) ? [] : spelled(SPELLINGS[key], flags[key]),
  )
  const names = mended.filter((word) => !word.startsWith('--'))
  const options = mended.filter((word) => word.startsWith('--'))
  return [invocation, ...(provider ? [provider] : []), ...names, ...kept, ...options].join(' ')
}

function spelled(flag: string, value: string | number | boolean | undefined): string[] {
  if (value === undefined) return []
  const isOnByDefault = flag === '--install' || flag === '--verify'
  if (value === true) return isOnByDefault ? [] : [flag]
  if (value === false) return isOnByDefault || flag === '--read-replicas' ? [flag.replace('--', '--no-')] : []
  return [spell([flag, String(value)])]
}
