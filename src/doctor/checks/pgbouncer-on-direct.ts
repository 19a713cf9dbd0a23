import { param } from '../../connection/connection-string.ts'
import type { FilesCheck } from '../types.ts'

export const pgbouncerOnDirect: FilesCheck = {
  code: 'pgbouncer-on-direct',
  title: '',
  why: '',
  fix: '',
  needs: 'files',
  run({ direct, runtime }) {
    if (!direct?.url || param(direct.url, 'pgbouncer') === null || direct.value === runtime?.value) return []
    return [
      {
        severity: 'warning',
        path: direct.path,
        line: direct.line,
        detail: `${direct.name} has \`pgbouncer\`, which belongs on the pooled URL: without a pooler it only switches prepared statements off.`,
        fix: `Take pgbouncer=… out of ${direct.name}.`,
      },
    ]
  },
}
