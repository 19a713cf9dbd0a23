import type { CommandModule } from 'yargs'
import { UNDO } from '../ask/options.ts'
import { execute, type Io } from './execute.ts'

export const undo = (io: Io): CommandModule => ({
  command: 'undo',
  describe: 'Put everything back, byte for byte',
  builder: (yargs) => yargs.options(UNDO),
  handler: (argv) => execute('undo', argv, io, async () => (await import('./undo-handler.ts')).runUndo),
})
