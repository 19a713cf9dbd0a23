import process from 'node:process'
import yargs from 'yargs'
import { STAND_ALONE } from './commands/execute.ts'
import { pooling } from './commands/pooling.ts'
import { EXIT } from './errors.ts'
import { findConnectionString } from './secrets-in-argv.ts'

declare const __VERSION__: string

/** The stand-alone door. Sets `process.exitCode`. */
export async function main(argv: string[]): Promise<void> {
  const secret = findConnectionString(argv)
  if (secret !== null) return usage(secret)
  const invocation = process.env.REDWOOD_POOLING_INVOCATION ?? STAND_ALONE
  await yargs(argv)
    .scriptName(invocation)
    .usage(`$0 [provider] [options]`)
    .command(pooling('$0'))
    .locale('en')
    .version(typeof __VERSION__ === 'string' ? __VERSION__ : 'development')
    .alias({ help: 'h' })
    .wrap(Math.min(process.stdout.columns ?? 80, 100))
    .strict()
    .recommendCommands()
    .exitProcess(false)
    .fail((message, error) => {
      if (error) throw error
      usage(`${message}\nSee \`${invocation} --help\`.`)
    })
    .parseAsync()
}

function usage(message: string): void {
  process.stderr.write(`${message}\n`)
  process.exitCode = EXIT.usage
}
