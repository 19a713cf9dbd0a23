import { describe, expect, it } from 'vitest'
import { readToml } from '../../codemods/manifests/toml.ts'

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

describe('readToml', () => {
  it('reads the defaults of an untouched app as absent', () => {
    expect(readToml(REDWOOD)).toEqual({
      schemaPath: null,
      prismaConfig: null,
      includeEnvironmentVariables: [],
      plugins: [],
    })
  })

  it('reads paths, and the inlined variables with the line of their list', () => {
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
[[experimental.cli.plugins]]
  package = "@acme/one"
`
    expect(readToml(text)).toEqual({
      schemaPath: './api/db',
      prismaConfig: './api/prisma.config.mts',
      includeEnvironmentVariables: [
        { name: 'PUBLIC_URL', line: 3 },
        { name: 'DATABASE_URL', line: 3 },
        { name: 'MULTI', line: 3 },
        { name: 'SAME_LINE', line: 3 },
      ],
      plugins: ['@acme/one'],
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
