import { readFileSync } from 'node:fs'
import { run } from './base/run.ts'
import { processTerminal } from './base/terminal.ts'
import type { Io } from './commands/io.ts'

/** The spelling of the stand-alone door; the others announce theirs in the environment. */
const STAND_ALONE = 'npx @redwood-pooling/cli'

/** The real world. */
export function processIo(spelling = STAND_ALONE, { insideHost = false } = {}): Io {
  return {
    version: ownVersion(),
    cwd: process.cwd(),
    env: process.env,
    terminal: processTerminal(),
    run,
    connect: async (...asked) => (await import('./live/connect.ts')).connect(...asked),
    clock: Date.now,
    signals: process,
    invocation: process.env.REDWOOD_POOLING_INVOCATION ?? spelling,
    insideHost,
    exit: (code) => {
      process.exitCode = code
    },
  }
}

function ownVersion(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}
