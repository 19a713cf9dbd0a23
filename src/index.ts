import type { Argv, CommandModule } from 'yargs'
import { pooling } from './commands/pooling.ts'
import { processIo } from './process-io.ts'

/**
 * The door that Redwood's and Cedar's CLI open for plugins: `yarn rw @redwood-pooling setup pooling`.
 * https://docs.redwoodjs.com/docs/cli-commands
 */
export const commands: CommandModule[] = [
  {
    command: 'setup <command>',
    describe: 'Set up database connection pooling',
    builder: (yargs: Argv) =>
      yargs.command(pooling('pooling', processIo('yarn rw @redwood-pooling setup pooling'))).demandCommand(),
    handler: () => {},
  },
]
