import { isTakenName, RUNTIME } from '../../codemods/env/files.ts'
import { envOf } from '../app/app.ts'
import { readUrl } from '../connection/connection-string.ts'
import { recognise } from '../providers/index.ts'
import type { Target } from '../providers/types.ts'
import type { PlanInput } from './input.ts'

export type Names = ReturnType<typeof namesOf>

export const REPLICAS = 'DATABASE_REPLICA_URLS'

/** A name that the app already uses is kept, unless it means something else to somebody; so is a vendor's own. */
function directName({ app, answers, provider: { hostVariables } }: PlanInput): string {
  if (answers.directEnv !== undefined) return answers.directEnv
  if (app.names.direct !== null && !isTakenName(app.names.direct)) return app.names.direct
  const env = envOf(app.snapshot.files)
  const given = hostVariables.direct.find((name) => !isTakenName(name) && isDirect(env.get(name)))
  if (given !== undefined) return given
  return app.prisma.major >= 7 ? 'DIRECT_DATABASE_URL' : 'DIRECT_URL'
}

/** By its value: what a vendor's name stands for has changed. */
function isDirect(value: string | undefined): boolean {
  const url = readUrl(value)
  return url !== null && recognise(url)?.role === 'direct'
}

/** The environment variables of a plan. */
export function namesOf(input: PlanInput, target: Target) {
  return {
    runtime: RUNTIME,
    /** null where the runtime's URL serves migrations too. */
    direct: target.separateDirect ? directName(input) : null,
    replicas: input.answers.readReplicas === true ? REPLICAS : null,
  }
}
