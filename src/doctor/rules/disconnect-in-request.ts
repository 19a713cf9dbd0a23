import { disconnects } from '../../../codemods/audit/module.ts'
import type { Rule } from '../types.ts'

export const disconnectInRequest: Rule = {
  code: 'disconnect-in-request',
  mentions: () => ['$disconnect'],
  // `rw exec` and `cedar exec` disconnect after a script themselves, and a script may do so too.
  inFile: ({ path, scan, isScript, lineOf }) =>
    isScript
      ? []
      : disconnects(scan).map(({ node }) => ({
          severity: 'error',
          path,
          line: lineOf(node),
          message:
            '`$disconnect()` closes the pool that other requests of this process are using; the next query has to ' +
            'connect anew.',
          fix: 'Take it out: the client disconnects when the process ends.',
        })),
}
