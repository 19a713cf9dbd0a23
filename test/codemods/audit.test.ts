import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { shareClient } from '../../codemods/audit/share-client.ts'
import { loadParser } from '../../codemods/module/parse.ts'
import { applyEdits, type CodemodResult, isRefusal } from '../../codemods/text/edit.ts'
import { runs } from '../support/sampling.ts'
import { type Given, outcome, readFixtures } from './fixture-files.ts'

const parser = await loadParser()
const shared = { source: 'src/lib/db' }

const codemod = (text: string, path: string): CodemodResult => shareClient(text, path, shared, parser)

describe.each(['client-out-of-handler', 'second-client'])('%s', (rule) => {
  const outcomeOf = ({ input, path }: Given) => outcome(input, codemod(input, path))
  const fixtures = readFixtures(`audit/${rule}.txt`, outcomeOf)

  it.each(fixtures)('$name', ({ name, ...fixture }) => {
    expect({ ...fixture, ...outcomeOf(fixture) }).toEqual(fixture)
  })

  it.each(fixtures)('$name: twice is once', ({ output, path, refusal }) => {
    if (output === null) return expect(refusal).toMatch(/\n\n./)
    expect(codemod(output, path)).toEqual({ edits: [] })
  })
})

/** What stands around a client in real files, none of it the codemod's business. */
const NEIGHBOURS = [
  "import { logger } from 'src/lib/logger'\n",
  '// new PrismaClient() in a comment\n',
  "const text = 'db.$disconnect()'\n",
  'export const page = 20;\r\n',
  'const dedent = `\n    prisma.$disconnect()\n`\n',
  '\n\n',
  'function unrelated(db) {\n\treturn db.user.count()\n}\n',
]
const CLIENTS = [
  'export const a = async () => {\n  const prisma = new PrismaClient()\n  await prisma.$disconnect()\n}\n',
  'const prisma = new PrismaClient()\nexport const b = () => prisma.user.count()\n',
  'export const c = async () => {\n  try {\n    await work()\n  } catch {\n    return null\n  } finally {\n    await db.$disconnect()\n  }\n}\n',
]

describe('any mixture of shapes', () => {
  const modules = fc
    .tuple(
      fc.subarray(NEIGHBOURS),
      fc.constantFrom(...CLIENTS),
      fc.subarray(NEIGHBOURS.slice(1)),
      fc.constantFrom('', '\ufeff'),
    )
    .map(([above, client, below, bom]) => [
      `${bom}import { PrismaClient } from '@prisma/client'\n${above.join('')}${client}${below.filter((text) => !above.includes(text)).join('')}`,
    ])

  it('keeps every byte outside its edits, parses, and is idempotent', () => {
    fc.assert(
      fc.property(modules, ([text]) => {
        const result = codemod(text!, 'api/src/services/x.ts')
        if (isRefusal(result)) return fc.pre(false)
        const after = applyEdits(text!, result.edits)
        for (const neighbour of NEIGHBOURS.filter((each) => each.trim() !== '' && text!.includes(each))) {
          expect(after).toContain(neighbour)
        }
        expect(() => parser(after, 'x.ts')).not.toThrow()
        expect(codemod(after, 'x.ts')).toEqual({ edits: [] })
      }),
      { numRuns: runs(40, 120) },
    )
  })
})
