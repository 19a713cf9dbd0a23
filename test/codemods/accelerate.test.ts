import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Leftover } from '../../codemods/accelerate/commands.ts'
import { isSweptFile, usesAccelerate } from '../../codemods/accelerate/in-use.ts'
import { sweepFile } from '../../codemods/accelerate/source.ts'
import { loadParser } from '../../codemods/module/parse.ts'
import { applyEdits } from '../../codemods/text/edit.ts'
import { runs } from '../support/sampling.ts'
import { type Given, type Outcome, readFixtures } from './fixture-files.ts'

const parser = await loadParser()
const sweep = (text: string, path: string) => sweepFile(text, path, parser)

function outcomeOf({ input, path }: Given): Outcome {
  const { edits, leftovers } = sweep(input, path)
  return { output: applyEdits(input, edits), refusal: null, notes: shown(leftovers) }
}

const fixtures = readFixtures('accelerate', outcomeOf)

it.each(fixtures)('$name comes out as written, with what is left', ({ name, ...fixture }) => {
  expect({ ...fixture, ...outcomeOf(fixture) }).toEqual(fixture)
})

it.each(fixtures)('$name is swept once', ({ input, output, path }) => {
  const again = sweep(output!, path)
  expect(again.edits).toEqual([])
  expect(again.leftovers.length).toBe(sweep(input, path).leftovers.length)
})

describe('a whole app', () => {
  it('is searched in sources, scripts, CI and deploy files, and nowhere else', () => {
    const searched = ['api/src/services/a.ts', 'scripts/seed.js', 'package.json', 'api/package.json', 'render.yaml']
    const more = ['.github/workflows/ci.yml', 'netlify.toml', 'vercel.json', 'Dockerfile', 'scripts/deploy.sh']
    const others = ['api/src/lib/db.ts', '.env', 'api/db/schema.prisma', 'web/src/App.tsx', 'README.md']
    expect([...searched, ...more, ...others].filter(isSweptFile)).toEqual([...searched, ...more])
  })

  it.each<[string, Record<string, string>, boolean]>([
    ['a package', { 'api/package.json': '"@prisma/extension-accelerate": "2.0.2"' }, true],
    ['a URL', { '.env': 'DATABASE_URL=prisma://accelerate.prisma-data.net/?api_key=x' }, true],
    ['a hosted URL', { '.env': 'X="prisma+postgres://accelerate.prisma-data.net/?api_key=x"' }, true],
    ['the client', { 'api/src/lib/db.ts': "import { PrismaClient } from '@prisma/client/edge'" }, true],
    ['a comment', { '.env': '# DATABASE_URL=prisma://accelerate.prisma-data.net/?api_key=x' }, false],
    ['an example', { '.env.example': 'DATABASE_URL=prisma://accelerate.prisma-data.net/?api_key=x' }, false],
    ['a local server', { '.env': 'DATABASE_URL=prisma+postgres://localhost:51213/?api_key=x' }, false],
  ])('uses it by %s: %j', (_what, files, expected) => {
    expect(usesAccelerate(new Map(Object.entries(files)))).toBe(expected)
  })
})

const STATEMENTS = [
  "import { Prisma } from '@prisma/client/edge'\n",
  'export const a = () => db.user.findMany({ where: { id: 1 }, cacheStrategy: { ttl: 60 } })\n',
  'export const b = async () => {\n  await db.$accelerate.invalidateAll()\n}\n',
  'export const c = async () => (await db.user.count().withAccelerateInfo()).data\n',
]
const NEIGHBOURS = [
  '// cacheStrategy: { ttl: 60 }\n',
  "const text = 'cacheStrategy: { ttl: 60 }, --no-engine'\n",
  'const html = `\n  text, $accelerate\n`\n',
  'export const d = 1;\r\n',
  '\n',
]

describe('any mixture', () => {
  it('keeps every byte of its neighbours, parses, and comes to rest', () => {
    const parts = fc.array(fc.constantFrom(...STATEMENTS, ...NEIGHBOURS), { maxLength: 8 })
    const unique = parts.map((all) => [...new Set(all)])
    fc.assert(
      fc.property(unique, (all) => {
        const text = all.join('')
        const { edits } = sweepFile(text, 'api/src/x.ts', parser)
        const after = applyEdits(text, edits)
        for (const part of all.filter((each) => NEIGHBOURS.includes(each) && each !== '\n')) {
          expect(after).toContain(part)
        }
        expect(() => parser(after, 'x.ts')).not.toThrow()
        expect(sweepFile(after, 'api/src/x.ts', parser).edits).toEqual([])
      }),
      { numRuns: runs(30, 100) },
    )
  })

  it('takes flags out of any commands and nothing else', () => {
    const flags = fc.constantFrom('--no-engine', '--accelerate', '--data-proxy')
    const words = fc.array(fc.constantFrom('yarn', 'rw', '--schema=x', '&&', 'echo'), { maxLength: 4 })
    fc.assert(
      fc.property(words, flags, words, (before, flag, after) => {
        const line = (all: string[]) => `${all.join(' ')}\n`
        const text = line([...before, 'prisma', 'generate', flag, ...after])
        const { edits } = sweepFile(text, 'scripts/a.sh', parser)
        expect(applyEdits(text, edits)).toBe(line([...before, 'prisma', 'generate', ...after]))
      }),
    )
  })
})

function shown(leftovers: readonly Leftover[]): string | null {
  if (leftovers.length === 0) return null
  return leftovers.map(({ line, what, snippet }) => `${[line, what, snippet].filter(Boolean).join(' ')}\n`).join('')
}
