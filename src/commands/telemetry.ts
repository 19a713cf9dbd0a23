import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Framework } from '../app/app.ts'

/**
 * Tells the framework's own telemetry, which a user may have switched off there, that the command ran. Only inside the
 * framework's CLI, which has loaded these helpers already; loading them for this alone would take seconds.
 */
export async function recordTelemetry(root: string, framework: Framework, command: string): Promise<void> {
  const name = framework === 'redwood' ? '@redwoodjs/cli-helpers' : '@cedarjs/cli-helpers'
  try {
    const path = createRequire(join(root, 'package.json')).resolve(name)
    const helpers = (await import(pathToFileURL(path).href)) as typeof import('@redwoodjs/cli-helpers')
    helpers.recordTelemetryAttributes({ command })
  } catch {
    // Nobody runs this command for its telemetry, so nothing about it may stop it.
  }
}
