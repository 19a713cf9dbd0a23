import { wrap } from '../base/text.ts'
import type { Capacity } from '../providers/sizing.ts'

/** Where the connections go, with what is wanted of what is there on each way; ends with an empty line. */
export function renderCapacity(capacity: Capacity, columns?: number): string {
  const { instances, concurrency, opens, total, mode, clients, pool, usable, breaks, holds, set } = capacity
  const shared = pool === null ? null : Math.min(pool, total)
  const ways =
    mode === null
      ? [['instances', arrow(total, usable), 'database']]
      : [['instances', arrow(total, clients), 'pooler', arrow(mode === 'session' ? total : shared, usable), 'database']]
  const migrations = ['migrations', arrow(1, usable), 'database']
  const pictures = [...ways, migrations].map((way) => `  ${way.join(' ')}`)
  const first = breaks
    ? `The first limit is that of the ${breaks.at}: it is met with more than ${breaks.instances} instances.`
    : 'No limit is known: neither pooler nor database told theirs.'
  const verdict = [
    `${holds ? (breaks ? 'It holds.' : '') : 'It does not hold.'} ${first}`.trim(),
    ...set.map((line) => `Set ${line}`),
  ]
  return [
    `${instances} instances x ${opens} connections = ${total}, and ${instances * concurrency} requests at a time:`,
    '',
    ...pictures,
    '',
    ...verdict.map((line) => wrap(line, { columns })),
    '',
    '',
  ].join('\n')
}

function arrow(wanted: number | null, most: number | null): string {
  return `--[ ${wanted ?? '?'} of ${most ?? '?'} ]-->`
}
