import { expect, it } from 'vitest'
import { isIgnored } from '../../src/register/ignored.ts'

const PATH = '.yarn/plugins/@acme/plugin.cjs'

// The expectations are what `git check-ignore` answers.
it.each([
  ['', false],
  ["the templates' own list", '.pnp.*\n.yarn/*\n!.yarn/patches\n!.yarn/plugins\n!.yarn/releases\n', false],
  ['.yarn', true],
  ['.yarn/', true],
  ['/.yarn/*', true],
  ['.yarn/*\r\n!.yarn/plugins\r\n', false],
  ['a folder that is ignored keeps nothing', '.yarn\n!.yarn/plugins\n', true],
  ['the last match decides', '!.yarn/plugins\n.yarn/*\n', true],
  ['plugins/', true],
  ['*.cjs\n!plugin.cjs', false],
  ['**/@acme', true],
  ['.yarn/**', true],
  ['.yarn/**/plugin.*', true],
  ['# .yarn\n\n', false],
  ['plugin.cjs/', false],
  ['plugi[!x].cjs', true],
  ['[', false],
] as ([string, boolean] | [string, string, boolean])[])('%s', (...row) => {
  const [gitignore, expected] = row.slice(-2) as [string, boolean]
  expect(isIgnored(PATH, gitignore)).toBe(expected)
})
