import type { Argv, CommandModule, Options } from 'yargs'
import { COMMON, DOCTOR, POOLING, REGISTER } from '../ask/options.ts'
import { PROVIDER_LIST } from '../providers/list.ts'
import type { Arguments, Command, Io } from './io.ts'

/**
 * The main command. `path` is its spelling in the door at hand: '$0' stand-alone, 'pooling' under a host's `setup`.
 */
export function pooling(path: '$0' | 'pooling', io: Io): CommandModule<object, Arguments> {
  return {
    ...module('pooling', 'Set up database connection pooling, switch providers', POOLING, io, async () => {
      return (await import('./pooling-handler.ts')).runPooling
    }),
    command: `${path} [provider]`,
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
        .command(local(io))
        .epilogue(providerTable()),
  }
}

const doctor = (io: Io) =>
  module('doctor', 'Look for what exhausts connections or sends them the wrong way', DOCTOR, io, async () => {
    return (await import('./doctor-handler.ts')).runDoctor
  })

const undo = (io: Io) =>
  module('undo', 'Put everything back, byte for byte', COMMON, io, async () => {
    return (await import('./undo-handler.ts')).runUndo
  })

const register = (io: Io) =>
  module('register', 'Make `yarn rw setup pooling` a command of this app', REGISTER, io, async () => {
    return (await import('./register-handler.ts')).runRegister
  })

const local = (io: Io): CommandModule<object, Arguments> => ({
  ...module('local', 'The servers of --local', COMMON, io, async () => (await import('./local-handler.ts')).runLocal),
  command: 'local <action> [server]',
  builder: (yargs: Argv) =>
    yargs
      .positional('action', { choices: ['start', 'stop', 'status'] })
      .positional('server', { type: 'string', description: 'The one to stop; both when left out' })
      .options(COMMON),
})

function module(
  command: string,
  describe: string,
  options: Record<string, Options>,
  io: Io,
  load: () => Promise<Command>,
): CommandModule<object, Arguments> {
  return {
    command,
    describe,
    builder: (yargs: Argv) => yargs.options(options),
    handler: async (argv) => {
      try {
        io.exit(await (await load())(argv, io))
      } catch (error) {
        const { report } = await import('./report.ts')
        io.exit(report(error, command, argv, io))
      }
    },
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
