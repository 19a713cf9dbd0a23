import type { FilesCheck, SourceCheck } from '../types.ts'
import { accelerateInFiles, accelerateInSources } from './accelerate.ts'
import { clientInFunction, secondClient } from './clients.ts'
import { databaseKind } from './database-kind.ts'
import { committedPassword, composeLocalhost, deployWithoutDirect } from './deploy-files.ts'
import { disconnectInRequest } from './disconnect-in-request.ts'
import { duplicateVariable } from './duplicate-variable.ts'
import { envFileTracked } from './env-file-tracked.ts'
import { inlinedUrl } from './inlined-url.ts'
import { malformedUrl } from './malformed-url.ts'
import { minimumIdle } from './minimum-idle.ts'
import { outerClientInTransaction } from './outer-client-in-transaction.ts'
import { pgEnvironment } from './pg-environment.ts'
import { secondPool } from './second-pool.ts'
import { sessionState } from './session-state.ts'
import { shadowDatabase } from './shadow-database.ts'
import { shellOverrides } from './shell-overrides.ts'
import { testDatabase } from './test-database.ts'
import { unsetVariable } from './unset-variable.ts'

export const FILES_CHECKS: readonly FilesCheck[] = [
  malformedUrl,
  unsetVariable,
  databaseKind,
  duplicateVariable,
  testDatabase,
  shadowDatabase,
  pgEnvironment,
  shellOverrides,
  envFileTracked,
  inlinedUrl,
  deployWithoutDirect,
  committedPassword,
  composeLocalhost,
  minimumIdle,
  accelerateInFiles,
]

export const SOURCE_CHECKS: readonly SourceCheck[] = [
  clientInFunction,
  secondClient,
  secondPool,
  disconnectInRequest,
  outerClientInTransaction,
  sessionState,
  accelerateInSources,
]
