import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { removeDisconnect } from '../../codemods/audit/remove-disconnect.ts'
import { shareClient } from '../../codemods/audit/share-client.ts'
import { loadParser } from '../../codemods/module/parse.ts'
import { applyEdits, type CodemodResult, isRefusal } from '../../codemods/text/edit.ts'
import { showRefusal } from './fixture-files.ts'

const FIXTURES = fileURLToPath(new URL('./fixtures/audit', import.meta.url))
const parser = await loadParser()
const shared = { source: 'src/lib/db' }

const CODEMODS: Record<string, (text: string, path: string) => CodemodResult> = {
  'client-out-of-handler': (text, path) =>
    shareClient(text, path, shared, parser, ({ inFunction }) => inFunction),
  'second-client': (text, path) => shareClient(text, path, shared, parser, ({ inFunction }) => !inFunction),
  'remove-disconnect': (text, path) => removeDisconnect(text, path, parser),
}

describe.each(Object.entries(CODEMODS))('%s', (name, codemod) => {
  it.each(inputsOf(name))('%s', (file, path, input) => {
    const result = codemod(input, path)
    if (isRefusal(result)) {
      return expect(showRefusal(result)).toBe(expectedOf(name, file, 'refusal'))
    }
    expect(applyEdits(input, result.edits)).toBe(expectedOf(name, file, 'output') ?? input)
    expect(expectedOf(name, file, 'refusal')).toBeNull()
  })

  it.each(inputsOf(name))('%s: twice is once', (_file, path, input) => {
    const result = codemod(input, path)
    if (isRefusal(result)) return expect(result.refusal.snippet).not.toBe('')
    expect(codemod(applyEdits(input, result.edits), path)).toEqual({ edits: [] })
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

  it.each(Object.entries(CODEMODS))(
    '%s keeps every byte outside its edits, parses, and is idempotent',
    (_name, codemod) => {
      fc.assert(
        fc.property(modules, ([text]) => {
          const result = codemod(text!, 'api/src/services/x.ts')
          if (isRefusal(result)) return
          const after = applyEdits(text!, result.edits)
          for (const neighbour of NEIGHBOURS.filter((each) => each.trim() !== '' && text!.includes(each))) {
            expect(after).toContain(neighbour)
          }
          expect(() => parser(after, 'x.ts')).not.toThrow()
          expect(codemod(after, 'x.ts')).toEqual({ edits: [] })
        }),
        { numRuns: 60 },
      )
    },
  )
})

function inputsOf(codemod: string): [string, string, string][] {
  const folder = join(FIXTURES, codemod)
  return readdirSync(folder)
    .filter((file) => file.includes('.input.'))
    .sort()
    .map((file) => {
      const [name, , extension] = file.split('.')
      return [name!, `api/src/services/${name}.${extension}`, readFileSync(join(folder, file), 'utf8')]
    })
}

function expectedOf(codemod: string, name: string, kind: 'output' | 'refusal'): string | null {
  const folder = join(FIXTURES, codemod)
  const file = readdirSync(folder).find((each) => each.startsWith(`${name}.${kind}.`))
  return file === undefined ? null : readFileSync(join(folder, file), 'utf8')
}
