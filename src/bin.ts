#!/usr/bin/env node
import { EXIT } from './base/errors.ts'
import { main } from './cli.ts'
import { processIo } from './process-io.ts'

try {
  await main(process.argv.slice(2), processIo())
} catch (error) {
  // Whatever arrives here could not even be reported, as when a part of the program is missing on disk.
  const detail = process.argv.includes('--verbose') ? `\n${(error as Error).stack}` : ''
  process.stderr.write(`Error: this program is damaged or incomplete. Install it again.${detail}\n`)
  process.exitCode = EXIT.failed
}
