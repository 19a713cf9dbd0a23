import { describe, expect, it } from 'vitest'
import { editGitignore } from '../../codemods/manifests/gitignore.ts'
import { applyEdits, isRefusal } from '../../codemods/text/edit.ts'

function apply(text: string | null, add: string[]): string {
  const result = editGitignore(text, { add })
  if (isRefusal(result)) throw new Error('refused')
  return applyEdits(text ?? '', result.edits)
}

describe('editGitignore', () => {
  it.each<[string, string | null, string[], string]>([
    ['starts a file', null, ['pgbouncer/userlist.txt'], 'pgbouncer/userlist.txt\n'],
    [
      'appends what is missing',
      '.env*\nnode_modules\n',
      ['.env*', '/userlist.txt'],
      '.env*\nnode_modules\n/userlist.txt\n',
    ],
    ['completes the last line', '.env*', ['x'], '.env*\nx\n'],
    ['keeps Windows line endings', '.env*\r\ndist\r\n', ['x', 'y'], '.env*\r\ndist\r\nx\r\ny\r\n'],
    ['sees a pattern with space around it', '  x  \n', ['x'], '  x  \n'],
    ['sees no pattern in a comment', '# x\n', ['x'], '# x\nx\n'],
    ['repeats a pattern that is taken back later', 'x\n!x\n', ['x'], 'x\n!x\nx\n'],
    ['adds nothing twice', '', ['x', 'x'], 'x\n'],
    ['leaves a complete file alone', 'x', ['x'], 'x'],
  ])('%s', (_, text, add, expected) => {
    expect(apply(text, add)).toBe(expected)
    expect(apply(expected, add)).toBe(expected)
  })
})
