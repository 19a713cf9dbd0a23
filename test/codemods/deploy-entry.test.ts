// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of the files themselves.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { copyEntry } from '../../codemods/manifests/deploy-entry.ts'
import { applyEdits, isRefusal } from '../../codemods/text/edit.ts'
import { runs } from '../support/sampling.ts'

async function copied(text: string): Promise<string> {
  const result = await copyEntry(text, 'DATABASE_URL', 'DIRECT_URL')
  if (isRefusal(result)) throw new Error(result.refusal.reason)
  return applyEdits(text, result.edits)
}

const RENDER = `services:
  - type: web
    name: api
    envVars:
      - key: DATABASE_URL
        sync: false
      - key: NODE_ENV
        value: production
`

const WORKFLOW = `on: push
jobs:
  deploy:
    runs-on: ubuntu-latest
    env:
      DATABASE_URL: \${{ secrets.DATABASE_URL }}
    steps:
      - run: yarn rw deploy netlify # DATABASE_URL: \${DATABASE_URL}
`

const COMPOSE = `services:
  api:
    environment:
      - DATABASE_URL
      - DATABASE_URL_OLD=\${DATABASE_URL}
  jobs:
    environment:
      - DATABASE_URL=\${DATABASE_URL}
`

const SERVERLESS = `provider:
  environment:
    DATABASE_URL: "\${env:DATABASE_URL}"
`

describe('an entry that only hands its variable on', () => {
  it.each([
    ['Render', RENDER, '      - key: DIRECT_URL\n        sync: false\n'],
    ['a workflow', WORKFLOW, '      DIRECT_URL: ${{ secrets.DIRECT_URL }}\n'],
    ['serverless', SERVERLESS, '    DIRECT_URL: "${env:DIRECT_URL}"\n'],
  ])('is copied beneath itself: %s', async (_, text, added) => {
    for (const eol of ['\n', '\r\n']) {
      const before = text.replaceAll('\n', eol)
      const after = await copied(before)
      expect(after.length).toBe(before.length + added.replaceAll('\n', eol).length)
      expect(after).toContain(added.replaceAll('\n', eol))
    }
  })

  it('each of them, in a compose file', async () => {
    expect(await copied(COMPOSE)).toBe(
      COMPOSE.replace('- DATABASE_URL\n', '- DATABASE_URL\n      - DIRECT_URL\n').replace(
        '- DATABASE_URL=${DATABASE_URL}\n',
        '- DATABASE_URL=${DATABASE_URL}\n      - DIRECT_URL=${DIRECT_URL}\n',
      ),
    )
  })

  it.each([
    ['a literal', 'env:\n  DATABASE_URL: postgres://u:secret@h/db\n'],
    ['a default', 'env:\n  DATABASE_URL: ${DATABASE_URL:-postgres://localhost/db}\n'],
    ['another name', 'env:\n  DATABASE_URL: ${{ secrets.PRODUCTION_URL }}\n'],
    ["the host's own database", 'envVars:\n  - key: DATABASE_URL\n    fromDatabase:\n      name: db\n'],
    ['a comment', 'env:\n  # DATABASE_URL: ${DATABASE_URL}\n  A: b\n'],
    ['a script', 'run: |\n  export A=1\n  DATABASE_URL: ${DATABASE_URL}\n'],
    ['flow style', 'env: { DATABASE_URL: "${DATABASE_URL}" }\n'],
    ['no YAML', 'env:\n  DATABASE_URL: ${DATABASE_URL}\n A: [\n'],
  ])('%s is left alone', async (_, text) => {
    expect(await copied(text)).toBe(text)
  })
})

describe('a file', () => {
  const entry = fc.constantFrom(
    { yaml: 'DATABASE_URL: ${DATABASE_URL}', list: false, copies: true },
    { yaml: "DATABASE_URL: '${{ secrets.DATABASE_URL }}'", list: false, copies: true },
    { yaml: 'DATABASE_URL: postgres://u:p@h/db', list: false, copies: false },
    { yaml: '- DATABASE_URL', list: true, copies: true },
    { yaml: '- key: DATABASE_URL\n  sync: false', list: true, copies: true },
    { yaml: '- key: DATABASE_URL\n  value: x', list: true, copies: false },
  )
  const neighbour = fc.constantFrom('A', 'DATABASE_URL_2', 'MY_DATABASE_URL', 'NODE_ENV')
  const around = fc.uniqueArray(neighbour, { maxLength: 3 })
  const shape = fc.record({
    entry,
    before: around,
    after: around,
    depth: fc.integer({ min: 0, max: 3 }),
    eol: fc.constantFrom('\n', '\r\n'),
    end: fc.constantFrom('', '\n', '\n# the end\n'),
  })

  it('reads as exactly one entry more, or as before', async () => {
    await fc.assert(
      fc.asyncProperty(shape, async ({ entry, before, after, depth, eol, end }) => {
        const others = (names: string[]) => names.map((name) => (entry.list ? `- ${name}=\${${name}}` : `${name}: 1`))
        const names = after.filter((name) => !before.includes(name))
        const lines = [...others(before), ...entry.yaml.split('\n'), ...others(names)]
        const heads = Array.from({ length: depth }, (_, level) => `${'  '.repeat(level)}level${level}:`)
        const text = [...heads, ...lines.map((line) => '  '.repeat(depth) + line)].join(eol) + end.replaceAll('\n', eol)
        const result = await copied(text)
        if (!entry.copies) return void expect(result).toBe(text)
        const inner = (yaml: string) => heads.reduce((value, head) => value[head.trim().slice(0, -1)], parse(yaml))
        const [old, now] = [inner(text), inner(result)]
        if (Array.isArray(old)) {
          const at = old.findIndex((each) => (each?.key ?? each) === 'DATABASE_URL')
          expect([...now.slice(0, at + 1), ...now.slice(at + 2)]).toEqual(old)
          expect(JSON.stringify(now[at + 1])).toBe(JSON.stringify(old[at]).replaceAll('DATABASE_URL', 'DIRECT_URL'))
        } else {
          const { DIRECT_URL, ...rest } = now
          expect(rest).toEqual(old)
          expect(DIRECT_URL).toBe(old.DATABASE_URL.replaceAll('DATABASE_URL', 'DIRECT_URL'))
        }
      }),
      { numRuns: runs(60, 200), seed: 7 },
    )
  })
})
