import type { Argv, CommandModule } from 'yargs'
import { POOLING } from '../ask/options.ts'
import { PROVIDER_LIST } from '../providers/list.ts'
import { doctor } from './doctor.ts'
import { execute, type Io } from './execute.ts'
import { register } from './register.ts'
import { undo } from './undo.ts'

/**
 * The main command. `path` is its spelling in the door at hand: '$0' stand-alone, 'pooling' under a host's `setup`.
 */
export function pooling(path: '$0' | 'pooling', io: Io): CommandModule {
  return {
    command: `${path} [provider]`,
    describe: 'Set up database connection pooling, switch providers',
    builder: (yargs: Argv) =>
      yargs
        .positional('provider', {
          type: 'string',
          description: 'Where the database or its pooler lives; asked for when left out',
        })
        .options(POOLING)
        .command(doctor(io))
        .command(undo(io))
        .command(register(io))
        .epilogue(providerTable()),
    handler: (argv) =>
      execute('pooling', argv, io, async () => (await import('./pooling-handler.ts')).runPooling),
  }
}

function providerTable(): string {
  const width = Math.max(...PROVIDER_LIST.map(({ id }) => id.length))
  const rows = PROVIDER_LIST.map(({ id, summary }) => `  ${id.padEnd(width)}  ${summary}`)
  return [
    'Providers:',
    ...rows,
    '',
    'Connection strings are never arguments. They come from a prompt, from the app, or from POOLING_DATABASE_URL, POOLING_DIRECT_URL, POOLING_TEST_DATABASE_URL, POOLING_REPLICA_URLS.',
  ].join('\n')
}
