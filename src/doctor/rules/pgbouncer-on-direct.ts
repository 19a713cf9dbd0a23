import { param } from '../../connection/connection-string.ts'
import type { Rule } from '../types.ts'

export const pgbouncerOnDirect: Rule = {
  code: 'pgbouncer-on-direct',
  inApp({ direct, runtime }) {
    if (!direct?.url || param(direct.url, 'pgbouncer') === null || direct.value === runtime?.value) return []
    return [
      {
        severity: 'warning',
        path: direct.path,
        line: direct.line,
        message: `${direct.name} has \`pgbouncer\`, which belongs on the pooled URL: without a pooler it only switches prepared statements off.`,
        fix: `Take pgbouncer=… out of ${direct.name}.`,
      },
    ]
  },
}
