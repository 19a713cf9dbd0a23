import type { CommandModule } from 'yargs'
import { execute } from './execute.ts'
import { UNDO } from './options.ts'

export const undo: CommandModule = {
  command: 'undo',
  describe: 'Put everything back, byte for byte',
  builder: (yargs) => yargs.options(UNDO),
  handler: (argv) => execute(argv, async () => (await import('./undo-handler.ts')).runUndo),
}
