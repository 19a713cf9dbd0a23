import { lineAt } from '../../../codemods/text/edit.ts'
import { param } from '../../connection/connection-string.ts'
import type { FilesCheck } from '../types.ts'

export const minimumIdle: FilesCheck = {
  code: 'minimum-idle',
  title: 'minimumIdle is 0',
  why: "MariaDB's driver opens connections only while fewer than that are idle, so it never opens any, and every query times out.",
  fix: 'Set minimumIdle to 1.',
  run({ app: { paths, snapshot }, urls }) {
    const inUrls = urls.filter(({ url }) => url !== null && param(url, 'minimumIdle') === '0')
    const text = snapshot.files.get(paths.dbClient ?? '') ?? ''
    const at = /\bminimumIdle:\s*0\b/.exec(text)?.index
    const inClient = at === undefined ? [] : [{ path: paths.dbClient!, line: lineAt(text, at) }]
    return [...inUrls, ...inClient].map(({ path, line }) => ({ severity: 'error', path, line }))
  },
}
