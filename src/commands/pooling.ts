import type { Argv, CommandModule, Options } from 'yargs'
import { COMMON, DOCTOR, POOLING, REGISTER } from '../ask/options.ts'
import { PROVIDER_IDS } from '../providers/types.ts'
import type { Arguments, Command, Io } from './io.ts'

/** The main command, which needs no name, and what goes with it. */
export function commands(io: Io): CommandModule<object, Arguments>[] {
  return [
    {
      ...module('pooling', 'Set up connection pooling', POOLING, io, () => import('./pooling-handler.ts')),
      command: '$0 [provider]',
      builder: (yargs: Argv) =>
        yargs
          .positional('provider', {
            type: 'string',
            description: `${PROVIDER_IDS.join(', ')}; asked for when left out`,
          })
          .options(POOLING)
          .example(EXAMPLES.map(([words, what]) => [`$0 ${words}`, what]))
          .epilogue(
            'Connection strings are never arguments. They come from a prompt, from the app, or from POOLING_DATABASE_URL, POOLING_DIRECT_URL, POOLING_TEST_DATABASE_URL, POOLING_REPLICA_URLS.',
          ),
    },
    module('doctor', 'Say what exhausts connections', DOCTOR, io, () => import('./doctor-handler.ts')),
    module('undo', 'Put everything back, byte for byte', COMMON, io, () => import('./undo-handler.ts')),
    module('register', 'Add `yarn rw setup pooling`', REGISTER, io, () => import('./register-handler.ts')),
    {
      ...module('local', 'The servers of --local', COMMON, io, () => import('./local-handler.ts')),
      command: 'local <action> [server]',
      builder: (yargs: Argv) =>
        yargs
          .positional('action', { choices: ['start', 'stop', 'status'], description: 'start, stop or status' })
          .positional('server', { type: 'string', description: 'The one to stop; both when left out' })
          .options({ ...HIDDEN, ...COMMON }),
    },
  ]
}

const EXAMPLES = [
  ['supabase', 'set up Supabase, or move there'],
  ['--dotenv none', 'production: the host has the URLs'],
  ['--local', 'no database yet: start one here'],
  ['--dry-run', 'only show what would change'],
  ['doctor --fix', 'find out why connections run out'],
] as const

/** A line of the main command's options may be typed behind any command: what makes no sense there is not an error. */
const HIDDEN = Object.fromEntries(Object.entries(POOLING).map(([name, option]) => [name, { ...option, hidden: true }]))

function module(
  command: string,
  describe: string,
  options: Record<string, Options>,
  io: Io,
  load: () => Promise<{ run: Command }>,
): CommandModule<object, Arguments> {
  return {
    command,
    describe,
    builder: (yargs: Argv) => yargs.options({ ...HIDDEN, ...options }),
    handler: async (argv) => {
      try {
        const { run } = await load()
        io.exit(await run(argv, io))
      } catch (error) {
        const { report } = await import('./report.ts')
        io.exit(report(error, command, argv, io))
      }
    },
  }
}
