import './base/working-folder.ts'
import yargs from 'yargs'
import { EXIT } from './base/errors.ts'
import { sanitise } from './base/text.ts'
import type { Io } from './commands/io.ts'
import { commands } from './commands/pooling.ts'
import { findConnectionString } from './secrets-in-argv.ts'

/** The stand-alone door. */
export async function main(argv: readonly string[], io: Io): Promise<void> {
  const usage = (message: string) => {
    io.terminal.stderr.write(`${sanitise(message)}\n`)
    io.exit(EXIT.usage)
  }
  const secret = findConnectionString(argv)
  if (secret !== null) return usage(secret)
  const parser = yargs([...argv])
    .scriptName(io.invocation)
    .usage('$0 [provider] [options]')
    .usageConfiguration({ 'hide-types': true })
    .command(commands(io))
    .locale('en')
    // Of an option that is given twice the last counts.
    .parserConfiguration({ 'duplicate-arguments-array': false })
    .version(io.version)
    .alias({ help: 'h' })
    .group(['help', 'version', 'dry-run', 'json', 'cwd', 'verbose'], 'Common:')
    .wrap(Math.min(io.terminal.stdout.columns ?? 80, 80))
    .strict()
    .exitProcess(false)
    .fail((message, error) => {
      // Returning would let the command run all the same.
      throw error ?? new UsageError(asTyped(message, argv))
    })
  try {
    await parser.parseAsync()
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    usage(`${error.message}\nSee \`${io.invocation} --help\`.`)
  }
}

/** yargs names an option that it doesn't know without its dashes, and again in camelCase. */
function asTyped(message: string, argv: readonly string[]): string {
  const [, names] = /^Unknown arguments?: (.*)/.exec(message) ?? []
  const typed = argv.map((arg) => arg.replace(/=.*/s, '')).filter((arg) => names?.split(', ').includes(arg.slice(2)))
  return typed.length > 0 ? `Unknown option${typed.length > 1 ? 's' : ''}: ${typed.join(', ')}` : message
}

/** What yargs has to say about a command line. */
class UsageError extends Error {}

declare module 'yargs' {
  interface Argv<T> {
    /** Not in the types of yargs 17. */
    usageConfiguration(settings: { 'hide-types': boolean }): Argv<T>
  }
}
