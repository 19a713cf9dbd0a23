import type { FilesCheck } from '../types.ts'

export const duplicateVariable: FilesCheck = {
  code: 'duplicate-variable',
  title: 'A variable is set twice in one file',
  why: 'The last line is the one that counts.',
  fix: 'Take out the line that is wrong.',
  run: ({ urls }) =>
    urls.flatMap(({ name, path, line }) => {
      const last = urls.findLast((other) => other.path === path && other.name === name)!
      if (last.line === line) return []
      const detail = `${name} is set again in line ${last.line}.`
      return [{ severity: 'warning', path, line, detail, fix: `Take line ${line} out of ${path}.` }]
    }),
}
