import type { CommandModule } from 'yargs'
import { execute, type Io } from './execute.ts'
import { UNDO } from './options.ts'

export const undo = (io: Io): CommandModule => ({
  command: 'undo',
  describe: 'Put everything back, byte for byte',
  builder: (yargs) => yargs.options(UNDO),
  handler: (argv) => execute('undo', argv, io, async () => (await import('./undo-handler.ts')).runUndo),
})
