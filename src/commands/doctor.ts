import type { CommandModule } from 'yargs'
import { execute } from './execute.ts'
import { DOCTOR } from './options.ts'

export const doctor: CommandModule = {
  command: 'doctor',
  describe: 'Find what exhausts connections or points the wrong way',
  builder: (yargs) => yargs.options(DOCTOR),
  handler: (argv) => execute(argv, async () => (await import('./doctor-handler.ts')).runDoctor),
}
