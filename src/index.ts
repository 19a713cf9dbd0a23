import type { Argv, CommandModule } from 'yargs'
import { main } from './cli.ts'
import { processIo } from './process-io.ts'

/**
 * The door that Redwood's and Cedar's CLI open for plugins: `yarn rw @redwood-pooling setup pooling`.
 *
 * The host's parser is strict, keeps `--cwd` and a few more to itself and ends with its own exit codes, so the rest
 * of the line goes to ours as it was typed.
 */
export const commands: CommandModule[] = [
  {
    command: 'setup <command>',
    describe: 'Set up database connection pooling',
    builder: (yargs: Argv) =>
      yargs
        .command({
          command: 'pooling [args..]',
          describe: 'Set up database connection pooling, switch providers',
          builder: (nested: Argv) => nested.strict(false).help(false).version(false),
          handler: ({ $0 }) =>
            main(argumentsAfterCommand(), processIo(`yarn ${$0} @redwood-pooling setup pooling`, { insideHost: true })),
        })
        .demandCommand(),
    handler: () => {},
  },
]

/** Options of the host that it has acted upon already. */
const HOST_OPTIONS = /^--(no-)?telemetry$|^--(load-env-files|add-env-files)=/

/** Of `setup pooling`: before it, either word may be a value, as in `--cwd pooling`. */
function argumentsAfterCommand(): string[] {
  const start = process.argv.indexOf('pooling', process.argv.indexOf('setup'))
  return process.argv.slice(start + 1).filter((argument) => !HOST_OPTIONS.test(argument))
}
