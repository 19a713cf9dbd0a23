import { disconnects } from '../../../codemods/audit/module.ts'
import type { SourceCheck } from '../types.ts'

export const disconnectInRequest: SourceCheck = {
  code: 'disconnect-in-request',
  title: 'A request calls `$disconnect()`',
  why: 'That closes the pool that other requests of this process are using; the next query must connect again.',
  fix: 'Take it out: the client disconnects when the process ends.',
  mentions: ['$disconnect'],
  // `rw exec` and `cedar exec` disconnect after a script themselves, and a script may do so too.
  run: ({ scan, isScript, at }) =>
    isScript ? [] : disconnects(scan).map(({ node }) => ({ severity: 'error', ...at(node) })),
}
