import { everyFault } from '../apply/every-fault.ts'
import { killAtRandom } from '../apply/killing.ts'

// Usage: node test/support/run.mjs test/battery/kills.ts [count] [--json]
// Injects every kind of fault at every file-system call, then kills (-9) real processes at random times.

const [first, ...flags] = process.argv.slice(2)
const count = Number(first ?? 1000)
if (!Number.isInteger(count) || count < 1) throw new Error('The number of kills has to be a whole number above 0.')

const faults = await everyFault()
const kills = await killAtRandom(count)
const rows = [
  ...faults,
  {
    name: `kill -9 of a process at a random time (${kills.duringApply} hit an apply, ${kills.duringUndo} an undo)`,
    injected: kills.injected,
    survived: kills.survived,
    wrong: kills.wrong,
  },
]

if (flags.includes('--json')) console.log(JSON.stringify(rows, null, 2))
else {
  const width = Math.max(...rows.map(({ name }) => name.length))
  const line = (name: string, injected: unknown, survived: unknown) =>
    console.log(`${name.padEnd(width)}  ${String(injected).padStart(8)}  ${String(survived).padStart(8)}`)
  const total = (key: 'injected' | 'survived') => rows.reduce((sum, row) => sum + row[key], 0)
  line('fault', 'injected', 'survived')
  for (const { name, injected, survived } of rows) line(name, injected, survived)
  line('all', total('injected'), total('survived'))
}
for (const { name, wrong } of rows) for (const each of wrong) console.error(`${name}: ${each}`)
process.exitCode = rows.some(({ wrong }) => wrong.length > 0) ? 1 : 0
