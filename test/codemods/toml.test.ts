import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readToml, removeCliPlugin } from '../../codemods/manifests/toml.ts'
import { appendBlock } from '../../codemods/text/append-block.ts'
import { applyEdits, type CodemodResult, isRefusal } from '../../codemods/text/edit.ts'
import { damaged, noise, TOML_PIECES, tomlText } from '../register/arbitraries.ts'

const NAME = '@redwood-pooling/cli'

const REDWOOD = `# This file contains the configuration settings for your Redwood app.

[web]
  title = "Redwood App"
  port = 8910
  apiUrl = "/.redwood/functions" # You can customize graphql and dbauth urls individually too
  includeEnvironmentVariables = [
    # Add any ENV vars that should be available to the web side to this array
    # See https://redwoodjs.com/docs/environment-variables#web
  ]
[api]
  port = 8911
[browser]
  open = true
[notifications]
  versionUpdates = ["latest"]
`

function applied(text: string, result: CodemodResult): string {
  if (isRefusal(result)) throw new Error(result.refusal.reason)
  return applyEdits(text, result.edits)
}

const remove = (text: string) => applied(text, removeCliPlugin(text, NAME))

describe('readToml', () => {
  it('reads the defaults of an untouched app as absent', () => {
    expect(readToml(REDWOOD)).toEqual({
      schemaPath: null,
      prismaConfig: null,
      includeEnvironmentVariables: [],
    })
  })

  it('reads paths, and the inlined variables with their lines', () => {
    const text = `#:schema https://example.org/cedar.json
[web]
  includeEnvironmentVariables = [
    "PUBLIC_URL", # not "DIRECT_URL"
    'DATABASE_URL',
    # "OLD",
    """MULTI""", "SAME_LINE"
  ]
[api]
  schemaPath = "./api/db"
  prismaConfig = './api/prisma.config.mts'
`
    expect(readToml(text)).toEqual({
      schemaPath: './api/db',
      prismaConfig: './api/prisma.config.mts',
      includeEnvironmentVariables: [
        { name: 'PUBLIC_URL', line: 4 },
        { name: 'DATABASE_URL', line: 5 },
        { name: 'MULTI', line: 7 },
        { name: 'SAME_LINE', line: 7 },
      ],
    })
  })

  it('finds the list whichever way its key is written', () => {
    const dotted = 'web.title = "x"\nweb."includeEnvironmentVariables" = [ "A" ]\n'
    expect(readToml(dotted)).toMatchObject({ includeEnvironmentVariables: [{ name: 'A', line: 2 }] })
    const inline = 'web = { title = "]", includeEnvironmentVariables = ["A"] }\n'
    expect(readToml(inline)).toMatchObject({ includeEnvironmentVariables: [{ name: 'A', line: 1 }] })
  })

  it('says where a broken file is broken, without quoting it', () => {
    expect(readToml('[web]\n  secret = "hunter2\n')).toEqual({ invalid: { line: 2, column: 20 } })
  })
})

describe('removeCliPlugin', () => {
  it('takes out what the user has since added to the entry, and no more', () => {
    const text = `[web]\n  title = "x"\n\n[[experimental.cli.plugins]]\n  package = "${NAME}"\n  enabled = true # on\n\n# mine\n[api]\n  port = 1\n`
    expect(remove(text)).toBe('[web]\n  title = "x"\n\n# mine\n[api]\n  port = 1\n')
  })

  it('leaves the other plugins, in tables and in brackets', () => {
    const tables = `[[experimental.cli.plugins]]\n  package = "${NAME}"\n[[experimental.cli.plugins]]\n  package = "@acme/one"\n`
    expect(remove(tables)).toBe('[[experimental.cli.plugins]]\n  package = "@acme/one"\n')
    const list = `[experimental.cli]\nplugins = [\n  { package = "${NAME}" }, # ours\n  { package = "@acme/one" }\n]\n`
    expect(remove(list)).toBe('[experimental.cli]\nplugins = [\n   # ours\n  { package = "@acme/one" }\n]\n')
  })

  it.each([
    [
      'tables',
      `[[experimental.cli.plugins]]\npackage = "${NAME}"\n[[experimental.cli.plugins]]\npackage = "${NAME}"\n`,
      '',
    ],
    [
      'tables at the end',
      `a = 1\n\n[[experimental.cli.plugins]]\npackage = "${NAME}"\n\n[[experimental.cli.plugins]]\npackage = "${NAME}"`,
      'a = 1\n',
    ],
    [
      'a list',
      `experimental.cli.plugins = [{ package = "${NAME}" }, { package = "${NAME}" }]\n`,
      'experimental.cli.plugins = []\n',
    ],
  ])('takes out duplicates in %s', (_, text, expected) => {
    expect(remove(text)).toBe(expected)
  })

  it('refuses a broken file with the lines to delete', () => {
    expect(removeCliPlugin('[web\n', NAME)).toMatchObject({
      refusal: { snippet: `Delete these lines:\n[[experimental.cli.plugins]]\n  package = "${NAME}"` },
    })
  })

  it('has nothing to do where the package is not registered', () => {
    expect(removeCliPlugin(REDWOOD, NAME)).toEqual({ edits: [] })
  })
})

describe('every valid TOML text', () => {
  it('is as it was once a plugin that was added to it is taken out', () => {
    fc.assert(
      fc.property(tomlText(), (text) => {
        const added = applyEdits(text, [
          appendBlock(text, ['[[experimental.cli.plugins]]', `  package = "${NAME}"`]),
        ])
        const result = removeCliPlugin(added, NAME)
        // Beside a list in brackets the table is no valid TOML.
        if (!isRefusal(result)) expect(applyEdits(added, result.edits)).toBe(text)
      }),
      { numRuns: 200 },
    )
  })
})

const changed = tomlText().chain((text) => damaged(text, TOML_PIECES))

describe('any text', () => {
  it('is edited or refused, never a defect', () => {
    fc.assert(
      fc.property(fc.oneof(noise(TOML_PIECES), changed), (text) => {
        const result = removeCliPlugin(text, NAME)
        if (isRefusal(result)) expect(result.refusal.snippet).toContain(NAME)
        expect(() => readToml(text)).not.toThrow()
      }),
      { numRuns: 200 },
    )
  })
})
