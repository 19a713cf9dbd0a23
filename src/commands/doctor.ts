import type { CommandModule } from 'yargs'
import { DOCTOR } from '../ask/options.ts'
import { execute, type Io } from './execute.ts'

export const doctor = (io: Io): CommandModule => ({
  command: 'doctor',
  describe: 'Look for what exhausts connections or sends them the wrong way',
  builder: (yargs) => yargs.options(DOCTOR),
  handler: (argv) => execute('doctor', argv, io, async () => (await import('./doctor-handler.ts')).runDoctor),
})
