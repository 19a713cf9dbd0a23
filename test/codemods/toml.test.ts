import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addCliPlugin, readToml, removeCliPlugin } from '../../codemods/manifests/toml.ts'
import { applyEdits, type CodemodResult, isRefusal } from '../../codemods/text/edit.ts'
import { ActionableError } from '../../src/base/errors.ts'
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

const add = (text: string) => applied(text, addCliPlugin(text, NAME))
const plugins = (text: string) => readToml(text).cliPlugins.map((plugin) => plugin.package)
const remove = (text: string) => applied(text, removeCliPlugin(text, NAME))

describe('readToml', () => {
  it('reads the defaults of an untouched app as absent', () => {
    expect(readToml(REDWOOD)).toEqual({
      schemaPath: null,
      prismaConfig: null,
      includeEnvironmentVariables: [],
      cliPlugins: [],
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
      cliPlugins: [],
    })
  })

  it('finds the list whichever way its key is written', () => {
    const dotted = 'web.title = "x"\nweb."includeEnvironmentVariables" = [ "A" ]\n'
    expect(readToml(dotted).includeEnvironmentVariables).toEqual([{ name: 'A', line: 2 }])
    const inline = 'web = { title = "]", includeEnvironmentVariables = ["A"] }\n'
    expect(readToml(inline).includeEnvironmentVariables).toEqual([{ name: 'A', line: 1 }])
  })

  it('lists the registered CLI plugins', () => {
    const text = `[experimental.cli]
  autoInstall = false
[[experimental.cli.plugins]]
  package = "@acme/one"
[[experimental.cli.plugins]]
  package = "@acme/two"
  enabled = false
`
    expect(readToml(text).cliPlugins).toEqual([
      { package: '@acme/one', enabled: true, line: 3 },
      { package: '@acme/two', enabled: false, line: 5 },
    ])
  })

  it('says where a broken file is broken, without quoting it', () => {
    const text = '[web]\n  secret = "hunter2\n'
    const error = catchError(() => readToml(text))
    expect(error).toBeInstanceOf(ActionableError)
    expect(error.message).toContain('line 2')
    expect(error.message).not.toContain('hunter2')
  })
})

describe('addCliPlugin', () => {
  it("appends the entry in the file's own indentation and changes nothing else", () => {
    expect(add(REDWOOD)).toBe(`${REDWOOD}\n[[experimental.cli.plugins]]\n  package = "${NAME}"\n`)
    expect(add('[api]\nport = 8911\n')).toBe(
      `[api]\nport = 8911\n\n[[experimental.cli.plugins]]\npackage = "${NAME}"\n`,
    )
  })

  it('keeps CRLF and a missing final newline', () => {
    expect(add('[api]\r\n\tport = 8911')).toBe(
      `[api]\r\n\tport = 8911\r\n\r\n[[experimental.cli.plugins]]\r\n\tpackage = "${NAME}"`,
    )
  })

  it('joins plugins that are already there', () => {
    const text = '[[experimental.cli.plugins]]\n  package = "@acme/one"\n\n[web]\n  title = "x"\n'
    expect(plugins(add(text))).toEqual(['@acme/one', NAME])
  })

  it('joins a list in brackets', () => {
    expect(add('[experimental.cli]\nplugins = []\n')).toBe(
      `[experimental.cli]\nplugins = [{ package = "${NAME}" }]\n`,
    )
    const lines = '[experimental.cli]\nplugins = [\n  { package = "@acme/one" }, # first\n]\n'
    expect(add(lines)).toBe(
      `[experimental.cli]\nplugins = [\n  { package = "@acme/one" },\n  { package = "${NAME}" }, # first\n]\n`,
    )
  })

  it('changes nothing when the package is registered, and says so when it is switched off', () => {
    const text = `[[experimental.cli.plugins]]\npackage = '${NAME}' # ours\n`
    expect(addCliPlugin(text, NAME)).toEqual({ edits: [], notes: [] })
    const off = addCliPlugin(`${text}enabled = false\n`, NAME)
    expect(off).toMatchObject({ edits: [], notes: [{ code: 'cli-plugin-switched-off', line: 1 }] })
  })

  it.each([
    ['an inline table that cannot be extended', 'experimental = { cli = { autoInstall = false } }\n'],
    ['a value that is no table', 'experimental = 5\n'],
    ['a list inside an inline table', 'experimental = { cli = { plugins = [] } }\n'],
    ['a broken file', '[web\n'],
  ])('refuses %s with the lines to paste', (_, text) => {
    expect(addCliPlugin(text, NAME)).toMatchObject({
      refusal: { snippet: `[[experimental.cli.plugins]]\n  package = "${NAME}"` },
    })
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

  it('has nothing to do where the package is not registered', () => {
    expect(removeCliPlugin(REDWOOD, NAME)).toEqual({ edits: [] })
  })
})

describe('every valid TOML text', () => {
  it('gets one insertion and one more plugin, nothing the second time, and comes back byte for byte', () => {
    fc.assert(
      fc.property(tomlText(), (text) => {
        const result = addCliPlugin(text, NAME)
        if (isRefusal(result)) return
        const added = applyEdits(text, result.edits)
        expect(result.edits).toEqual([
          { start: result.edits[0]!.end, end: result.edits[0]!.end, text: expect.any(String) },
        ])
        expect(plugins(added)).toEqual([...plugins(text), NAME])
        expect(addCliPlugin(added, NAME)).toMatchObject({ edits: [] })
        expect(remove(added)).toBe(text)
      }),
      { numRuns: 200 },
    )
  })

  it('is refused only where plugins cannot be appended', () => {
    fc.assert(
      fc.property(tomlText(), (text) => {
        expect(isRefusal(addCliPlugin(text, NAME))).toBe(false)
      }),
    )
  })
})

const changed = tomlText().chain((text) => damaged(text, TOML_PIECES))

describe('any text', () => {
  it('is edited or refused, never a defect', () => {
    fc.assert(
      fc.property(fc.oneof(noise(TOML_PIECES), changed), (text) => {
        for (const result of [addCliPlugin(text, NAME), removeCliPlugin(text, NAME)]) {
          if (isRefusal(result)) expect(result.refusal.snippet).toContain(NAME)
        }
        const error = catchError(() => readToml(text))
        if (error) expect(error).toBeInstanceOf(ActionableError)
      }),
      { numRuns: 200 },
    )
  })
})

function catchError(run: () => unknown): Error {
  try {
    run()
  } catch (error) {
    return error as Error
  }
  return undefined as unknown as Error
}
