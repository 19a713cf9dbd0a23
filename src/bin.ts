#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs'
import { EXIT, tellOfOutput } from './base/errors.ts'

/** What the build has printed already, as 80 columns of the stand-alone door: loading yargs takes longer than Node itself. */
const PRINTED: Record<string, string> = { '--help': 'help.txt', '-h': 'help.txt', '--version': 'version.txt' }

function printed(): URL | null {
  const [option = '', ...others] = process.argv.slice(2)
  const name = PRINTED[option]
  if (name === undefined || others.length > 0 || process.env.REDWOOD_POOLING_INVOCATION !== undefined) return null
  const file = new URL(name, import.meta.url)
  return process.stdout.columns < 80 || !existsSync(file) ? null : file
}

try {
  const file = printed()
  if (file) process.stdout.on('error', tellOfOutput).write(readFileSync(file))
  else {
    const [{ main }, { processIo }] = await Promise.all([import('./cli.ts'), import('./process-io.ts')])
    await main(process.argv.slice(2), processIo())
  }
} catch (error) {
  // Whatever arrives here could not even be reported, as when a part of the program is missing on disk.
  const detail = process.argv.includes('--verbose') ? `\n${(error as Error).stack}` : ''
  process.stderr.write(`Error: this program is damaged or incomplete. Install it again.${detail}\n`)
  process.exitCode = EXIT.failed
}
