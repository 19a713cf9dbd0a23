import './base/working-folder.ts'
import yargs from 'yargs'
import { DOCTOR, FLAGS, REGISTER, SUB_COMMANDS } from './ask/options.ts'
import { ActionableError, EXIT } from './base/errors.ts'
import type { Io } from './commands/io.ts'
import { commands } from './commands/pooling.ts'
import { findConnectionString } from './secrets-in-argv.ts'

/** The stand-alone door. */
export async function main(argv: readonly string[], io: Io): Promise<void> {
  try {
    const secret = findConnectionString(argv)
    if (secret !== null) throw badLine(secret)
    await yargs([...argv])
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
        throw error ?? asTyped(message, argv, io.invocation)
      })
      .parseAsync()
  } catch (error) {
    const { report } = await import('./commands/report.ts')
    const word = argv.find((arg) => !arg.startsWith('-'))
    const command = SUB_COMMANDS.find((name) => name === word) ?? 'pooling'
    io.exit(report(error, command, { json: argv.includes('--json'), verbose: argv.includes('--verbose') }, io))
  }
}

function badLine(message: string, fix?: string): ActionableError {
  return new ActionableError(message, { code: 'bad-command-line', fix, exitCode: EXIT.usage })
}

/** yargs names an option that it doesn't know without its dashes, and again in camelCase; other commands may know it. */
function asTyped(message: string, argv: readonly string[], invocation: string): ActionableError {
  const [, names] = /^Unknown arguments?: (.*)/.exec(message) ?? []
  const typed = argv.map((arg) => arg.replace(/=.*/s, '')).filter((arg) => names?.split(', ').includes(arg.slice(2)))
  const [own] = Object.entries({ doctor: DOCTOR, register: REGISTER }).flatMap(([command, options]) =>
    typed.filter((option) => Object.hasOwn(options, option.slice(2))).map((option) => `${command} ${option}`),
  )
  const told = typed.length === 0 ? message : `Unknown option${typed.length > 1 ? 's' : ''}: ${typed.join(', ')}`
  if (own) return badLine(`${told}. It goes after its command:`, `${invocation} ${own}`)
  return badLine(told, `See \`${invocation} --help\`.`)
}

declare module 'yargs' {
  interface Argv<T> {
    /** Not in the types of yargs 17. */
    usageConfiguration(settings: { 'hide-types': boolean }): Argv<T>
  }
}
