import type { Entry } from './journal.ts'

/** The entry that was cut off half-way, if any; never more than one, since none is begun before it is settled. */
export function interruptedEntry(entries: readonly Entry[]): Entry | undefined {
  return entries.find(({ manifest }) => manifest.state !== 'applied')
}

/** The entry that undo takes back. */
export function lastApplied(entries: readonly Entry[]): Entry | undefined {
  return entries.filter(({ manifest }) => manifest.state === 'applied').at(-1)
}
