import type { CommandModule } from 'yargs'
import { REGISTER } from '../ask/options.ts'
import { execute, type Io } from './execute.ts'

export const register = (io: Io): CommandModule => ({
  command: 'register',
  describe: 'Make `yarn rw setup pooling` a command of this app',
  builder: (yargs) => yargs.options(REGISTER),
  handler: (argv) =>
    execute('register', argv, io, async () => (await import('./register-handler.ts')).runRegister),
})
