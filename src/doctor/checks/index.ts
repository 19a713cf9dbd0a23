import type { Check } from '../types.ts'
import { accelerateInFiles, accelerateInSources } from './accelerate.ts'
import { clientInFunction } from './client-in-function.ts'
import { deadParameters } from './dead-parameters.ts'
import { directIsPooled } from './direct-is-pooled.ts'
import { disconnectInRequest } from './disconnect-in-request.ts'
import { duplicateVariable } from './duplicate-variable.ts'
import { envFileTracked } from './env-file-tracked.ts'
import { fileUrl } from './file-url.ts'
import { inlinedUrl } from './inlined-url.ts'
import { interactiveTransaction } from './interactive-transaction.ts'
import { malformedUrl } from './malformed-url.ts'
import { outerClientInTransaction } from './outer-client-in-transaction.ts'
import { pgEnvironment } from './pg-environment.ts'
import { pgbouncerOnDirect } from './pgbouncer-on-direct.ts'
import { sameUrl } from './same-url.ts'
import { secondClient } from './second-client.ts'
import { sessionState } from './session-state.ts'
import { testDatabase } from './test-database.ts'
import { urlAtRunTime } from './url-at-run-time.ts'

export const CHECKS: readonly Check[] = [
  clientInFunction,
  secondClient,
  disconnectInRequest,
  interactiveTransaction,
  outerClientInTransaction,
  sessionState,
  urlAtRunTime,
  sameUrl,
  directIsPooled,
  pgbouncerOnDirect,
  deadParameters,
  malformedUrl,
  fileUrl,
  duplicateVariable,
  testDatabase,
  pgEnvironment,
  envFileTracked,
  inlinedUrl,
  accelerateInFiles,
  accelerateInSources,
]
