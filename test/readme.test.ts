import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { CLIS } from '../src/ask/cli/index.ts'
import { POOLING } from '../src/ask/options.ts'
import { PROVIDERS } from '../src/providers/index.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

describe('the README', () => {
  it('lists every provider as the program does', () => {
    const rows = PROVIDERS.map(
      ({ id, name, summary, docs }) => `| [\`${id}\`](${docs}) | ${name}: ${summary} |`,
    )
    const table = /<!-- providers -->\n([\s\S]*?)\n<!-- \/providers -->/.exec(readme)?.[1]
    expect(table).toBe(rows.join('\n'))
  })

  it('names every program that may be asked', () => {
    for (const { program } of Object.values(CLIS)) expect(readme).toContain(`\`${program}\``)
  })

  it('names every option', () => {
    for (const name of Object.keys(POOLING)) expect(readme).toMatch(new RegExp(`--(no-)?${name}\\b`))
  })
})
