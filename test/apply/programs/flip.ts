import { commit } from '../../../src/apply/commit.ts'
import { recover } from '../../../src/apply/recover.ts'
import { undo } from '../../../src/apply/undo.ts'
import type { FileSystem } from '../../../src/disk/file-system.ts'
import { SAMPLE_PLAN } from '../sample.ts'
import { realPorts } from './ports.ts'

// Applies a plan and takes it back, again and again, until somebody kills it: the test, or itself at the call to the file
// system whose number is given. Says so when it begins.
const [root, last] = process.argv.slice(2)
const ports = realPorts(root!)
await recover(ports)
process.stdout.write('ready\n')
let calls = 0
const fs = new Proxy(ports.fs, {
  get:
    (real, name: keyof FileSystem) =>
    (...args: unknown[]) => {
      if (++calls === Number(last)) process.kill(process.pid, 'SIGKILL')
      return (real[name] as (...all: unknown[]) => unknown)(...args)
    },
})
for (;;) {
  const undone = await undo({ ...ports, fs }, { explain: () => '' })
  if (undone === null) await commit(SAMPLE_PLAN, { command: 'pooling supabase' }, { ...ports, fs })
}
