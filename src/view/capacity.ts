import { wrap } from '../base/text.ts'
import type { Capacity } from '../providers/sizing.ts'

/** Where the connections go, with what is wanted of what is there on each way; ends with an empty line. */
export function renderCapacity(capacity: Capacity, columns: number): string {
  const { instances, concurrency, opens, total, mode, clients, pool, usable, breaks, holds, set } = capacity
  const shared = pool === null ? null : Math.min(pool, total)
  const way =
    mode === null
      ? arrow(total, usable)
      : `${arrow(total, clients)} pooler ${arrow(mode === 'session' ? total : shared, usable)}`
  const verdict = breaks
    ? `${holds ? 'It holds.' : 'It does not hold.'} The first limit is that of the ${breaks.at}: it is met with more than ${breaks.instances} instances.`
    : "It isn't certain whether that holds: the limits marked ? aren't known."
  return [
    `${instances} instances x ${opens} connections = ${total}, and ${instances * concurrency} requests at a time:`,
    '',
    `  instances ${way} database`,
    `  migrations ${arrow(1, usable)} database`,
    '',
    ...[verdict, ...set].map((line) => wrap(line, { columns })),
    '',
    '',
  ].join('\n')
}

function arrow(wanted: number | null, most: number | null): string {
  return `--[ ${wanted ?? '?'} of ${most ?? '?'} ]-->`
}
