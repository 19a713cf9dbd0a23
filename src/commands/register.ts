import type { CommandModule } from 'yargs'
import { execute } from './execute.ts'
import { REGISTER } from './options.ts'

export const register: CommandModule = {
  command: 'register',
  describe: 'Make `yarn rw setup pooling` a command of this app',
  builder: (yargs) => yargs.options(REGISTER),
  handler: (argv) => execute(argv, async () => (await import('./register-handler.ts')).runRegister),
}
