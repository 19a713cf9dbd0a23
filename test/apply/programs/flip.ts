import { commit } from '../../../src/apply/commit.ts'
import { recover } from '../../../src/apply/recover.ts'
import { undo } from '../../../src/apply/undo.ts'
import { SAMPLE_PLAN } from '../sample.ts'
import { realPorts } from './ports.ts'

// Applies a plan and takes it back, for ever, until somebody kills it. Says so when it begins.
const ports = realPorts(process.argv[2]!)
await recover(ports)
process.stdout.write('ready\n')
for (;;) {
  const undone = await undo(ports, { explain: () => '' })
  if (undone.status === 'nothing') await commit(SAMPLE_PLAN, { command: 'pooling supabase' }, ports)
}
