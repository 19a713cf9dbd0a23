import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { must } from './support/process.ts'
import { repoRoot } from './support/work.ts'

it('the demo ends as README shows', async () => {
  const { stdout } = await must('npm', ['run', '--silent', 'demo:run'], { cwd: repoRoot })
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8')
  const shown = /<!-- demo -->\n```\n([\s\S]*?)```\n<!-- \/demo -->/.exec(readme)![1]!
  let rest = stdout
  for (const part of shown.split('…\n')) {
    expect(rest).toContain(part)
    rest = rest.slice(rest.indexOf(part) + part.length)
  }
  expect(rest.trim()).toBe('')
})
