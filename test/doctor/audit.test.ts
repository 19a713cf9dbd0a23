import { describe, expect, it } from 'vitest'
import { loadParser } from '../../codemods/module/parse.ts'
import { describeApp } from '../../src/app/app.ts'
import { NO_GIT } from '../../src/app/git.ts'
import { audit } from '../../src/doctor/audit.ts'
import { readFacts } from '../../src/doctor/facts.ts'
import { REDWOOD_7_POSTGRES } from '../support/apps.ts'

const parser = await loadParser()
const snapshot = {
  root: '/app',
  files: new Map(Object.entries(REDWOOD_7_POSTGRES)),
  modes: new Map(),
  above: new Map<string, string>(),
  rootEntries: new Set<string>(),
}
const app = describeApp(snapshot, { core: '7.7.4', prisma: '5.20.0' }, parser)
const facts = readFacts({ app, git: NO_GIT, today: new Date('2026-11-23'), parser })

const SERVICE = `import { db } from 'src/lib/db'

export const users = () => Promise.all([db.user.findMany(), db.user.count()])
`

describe('what an audit costs', () => {
  const sources = new Map(
    Array.from({ length: 500 }, (_, index): [string, string] => [`api/src/services/s${index}.ts`, SERVICE]),
  )
  const look = (files: ReadonlyMap<string, string>) => {
    const parsed: string[] = []
    const counting: typeof parser = (text, path) => {
      parsed.push(path)
      return parser(text, path)
    }
    const result = audit({
      facts,
      files: files.keys(),
      read: (path) => files.get(path) ?? null,
      parser: counting,
    })
    return { ...result, parsed }
  }

  it('reads every file once and parses none that mentions nothing', () => {
    const { filesRead, filesParsed, parsed } = look(sources)
    expect({ filesRead, filesParsed, parsed }).toEqual({ filesRead: 500, filesParsed: 0, parsed: [] })
  })

  it('parses a file that mentions something once, however many rules look at it', () => {
    const text = `${SERVICE}\nexport const done = () => db.$transaction(async (tx) => {\n  await db.$disconnect()\n})\n`
    const path = 'api/src/services/one.ts'
    const { filesParsed, parsed, findings } = look(new Map([...sources, [path, text]]))
    expect({ filesParsed, parsed }).toEqual({ filesParsed: 1, parsed: [path] })
    expect(findings.map(({ code }) => code)).toContain('disconnect-in-request')
  })

  it('goes on when a file cannot be read', () => {
    const files = ['gone.ts', 'api/src/services/s1.ts']
    const read = (path: string) => sources.get(path) ?? null
    expect(audit({ facts, files, read, parser })).toMatchObject({
      filesRead: 1,
      filesParsed: 0,
      findings: [],
    })
  })
})

describe('clients, however their class is named', () => {
  const codesIn = (text: string) => {
    const { findings } = audit({
      facts,
      files: ['api/src/services/one.ts'],
      read: () => text,
      parser,
    })
    return findings.map(({ code, line }) => `${line} ${code}`)
  }
  const made = `const prisma = new Client()

export const handler = () => new Client()
`
  const both = (first: number) => [`${first} second-client`, `${first + 2} client-in-function`]

  it.each([
    ['renamed in an import', "import { PrismaClient as Client } from '@prisma/client'\n"],
    ['taken out of a module', "import pkg from '@prisma/client'\nconst { PrismaClient: Client } = pkg\n"],
    ['a constant', "import * as prisma6 from '@prisma/client'\nconst Client = prisma6.PrismaClient\n"],
    ['a subclass', "import { PrismaClient } from '@prisma/client'\nexport class Client extends PrismaClient {}\n"],
    [
      'a subclass of a subclass',
      "import * as prisma6 from '@prisma/client'\nclass Base extends prisma6.PrismaClient {}\nconst Client = class extends Base {}\n",
    ],
  ])('%s', (_name, head) => {
    expect(codesIn(head + made)).toEqual(both(head.split('\n').length))
  })

  it('a member of a module', () => {
    const text = `import * as pkg from '@prisma/client'\n${made.replaceAll('Client', 'pkg.PrismaClient')}`
    expect(codesIn(text)).toEqual(both(2))
  })

  it.each([
    ['the app’s own', 'class PrismaClient {}\n'],
    ['another package’s', "import PrismaClient from 'prismatic'\n"],
    ['made from another package’s', "import { Base } from 'prismatic'\nclass PrismaClient extends Base {}\n"],
  ])('not a class of that name that is %s', (_name, head) => {
    expect(codesIn(head + made.replaceAll('Client', 'PrismaClient'))).toEqual([])
  })
})
