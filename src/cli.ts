import './base/working-folder.ts'
import yargs from 'yargs'
import { DOCTOR, FLAGS, REGISTER, SUB_COMMANDS } from './ask/options.ts'
import { ActionableError, EXIT } from './base/errors.ts'
import { sanitise } from './base/text.ts'
import type { Io } from './commands/io.ts'
import { commands } from './commands/pooling.ts'
import { findConnectionString } from './secrets-in-argv.ts'

/** The stand-alone door. */
export async function main(argv: readonly string[], io: Io): Promise<void> {
  const usage = async (message: string) => {
    io.terminal.stderr.write(`${sanitise(message)}\n`)
    if (argv.includes('--json')) await tellInJson(message, argv, io)
    io.exit(EXIT.usage)
  }
  const secret = findConnectionString(argv)
  if (secret !== null) return usage(secret)
  const parser = yargs([...argv])
    .scriptName(io.invocation)
    .usage('$0 [provider] [options]')
    .usageConfiguration({ 'hide-types': true })
    .command(commands(io))
    // Or the command behind one of them is taken for its value.
    .boolean(FLAGS)
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
      throw error ?? new UsageError(asTyped(message, argv, io.invocation))
    })
  try {
    await parser.parseAsync()
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    await usage(`${error.message}\nSee \`${io.invocation} --help\`.`)
  }
}

/** A script that reads the document gets one for a command line that means nothing, too. */
async function tellInJson(message: string, argv: readonly string[], io: Io): Promise<void> {
  const { errorToJson, printJson } = await import('./view/json.ts')
  const word = argv.find((arg) => !arg.startsWith('-'))
  const command = SUB_COMMANDS.find((name) => name === word) ?? 'pooling'
  const error = new ActionableError(message, { code: 'bad-command-line', exitCode: EXIT.usage })
  io.terminal.stdout.write(printJson(errorToJson(command, error, String)))
}

/** yargs names an option that it doesn't know without its dashes, and again in camelCase; other commands may know it. */
function asTyped(message: string, argv: readonly string[], invocation: string): string {
  const [, names] = /^Unknown arguments?: (.*)/.exec(message) ?? []
  const typed = argv.map((arg) => arg.replace(/=.*/s, '')).filter((arg) => names?.split(', ').includes(arg.slice(2)))
  if (typed.length === 0) return message
  const [own] = Object.entries({ doctor: DOCTOR, register: REGISTER }).flatMap(([command, options]) =>
    typed.filter((option) => Object.hasOwn(options, option.slice(2))).map((option) => `${command} ${option}`),
  )
  const place = own ? `. It goes behind its command: ${invocation} ${own}` : ''
  return `Unknown option${typed.length > 1 ? 's' : ''}: ${typed.join(', ')}${place}`
}

/** What yargs has to say about a command line. */
class UsageError extends Error {}

declare module 'yargs' {
  interface Argv<T> {
    /** Not in the types of yargs 17. */
    usageConfiguration(settings: { 'hide-types': boolean }): Argv<T>
  }
}
