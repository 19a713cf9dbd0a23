import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { CLIS } from '../src/ask/cli/index.ts'
import { POOLING } from '../src/ask/options.ts'
import { PROVIDERS } from '../src/providers/registry.ts'
import { faultRows, loadRows, type Results } from './bench/pooling/report.ts'

const path = new URL('../README.md', import.meta.url)
const readme = readFileSync(path, 'utf8')

/** Rows between marks of that name; `UPDATE=1` writes them. */
function expectRows(name: string, rows: readonly string[]): void {
  const block = new RegExp(`(?<=<!-- ${name} -->\\n)[\\s\\S]*?(?=<!-- /${name} -->)`)
  const expected = rows.map((row) => `${row}\n`).join('')
  if (process.env.UPDATE)
    writeFileSync(
      path,
      readFileSync(path, 'utf8').replace(block, () => expected),
    )
  else expect(block.exec(readme)?.[0]).toBe(expected)
}

describe('the README', () => {
  it('lists every provider as the program does', () => {
    expectRows(
      'providers',
      PROVIDERS.map(({ id, name, summary, docs }) => `| [\`${id}\`](${docs}) | ${name}: ${summary} |`),
    )
  })

  it('lists every option as the program does', () => {
    const rows = Object.entries(POOLING).map(([name, option]) => {
      const spelling = 'default' in option && option.default ? `no-${name}` : name
      const value = 'value' in option ? ` ${option.value.replaceAll('|', '\\|')}` : ''
      return `| \`--${spelling}${value}\` | ${option.description} |`
    })
    expectRows('options', rows)
  })

  it('shows what was measured', () => {
    const file = new URL('bench/pooling/results.json', import.meta.url)
    const results: Results = JSON.parse(readFileSync(file, 'utf8'))
    expectRows('load', loadRows(results, [200, 1000]))
    expectRows('faults', faultRows(results))
  })

  it('names every program that may be asked', () => {
    for (const { program } of Object.values(CLIS)) expect(readme).toContain(`\`${program}\``)
  })
})
