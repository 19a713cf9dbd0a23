import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { addYarnPlugin, NEW_YARNRC, removeYarnPlugin } from '../../codemods/manifests/yarnrc.ts'
import { applyEdits, isRefusal } from '../../codemods/text/edit.ts'
import { damaged, noise, YAML_PIECES, yarnrcText } from '../register/arbitraries.ts'
import { runs } from '../support/sampling.ts'

const PATH = '.yarn/plugins/@redwood-pooling/plugin-setup-pooling.cjs'

const REDWOOD = `# Yarn's manifest file. You can configure yarn here.
# See https://yarnpkg.com/configuration/yarnrc.

# For \`node_modules\` (see \`nodeLinker\` below), this is almost always the preferred option.
compressionLevel: 0

enableGlobalCache: true

nmMode: hardlinks-local

nodeLinker: node-modules
`

async function add(text: string): Promise<string> {
  const result = await addYarnPlugin(text, PATH)
  if (isRefusal(result)) throw new Error(result.refusal.reason)
  return applyEdits(text, result.edits)
}

async function remove(text: string): Promise<string> {
  const result = await removeYarnPlugin(text, PATH)
  if (isRefusal(result)) throw new Error(result.refusal.reason)
  return applyEdits(text, result.edits)
}

describe('addYarnPlugin', () => {
  it.each([
    ['the file of a new app', REDWOOD, `${REDWOOD}\nplugins:\n  - path: ${PATH}\n`],
    ['a missing final newline', 'a: 1', `a: 1\n\nplugins:\n  - path: ${PATH}`],
    ['CRLF', 'a: 1\r\n', `a: 1\r\n\r\nplugins:\r\n  - path: ${PATH}\r\n`],
    ['an empty file', '', `plugins:\n  - path: ${PATH}\n`],
    ['nothing but comments', '# none\n', `# none\n\nplugins:\n  - path: ${PATH}\n`],
    [
      'a list of maps',
      'plugins:\n  - path: a.cjs\n    spec: "x" # y\n# end\n',
      `plugins:\n  - path: a.cjs\n    spec: "x" # y\n  - path: ${PATH}\n# end\n`,
    ],
    ['a list of strings', 'plugins:\n- a.cjs # x\n\nb: 1\n', `plugins:\n- a.cjs # x\n- ${PATH}\n\nb: 1\n`],
    ['a list at the very end', 'plugins:\n    - a.cjs', `plugins:\n    - a.cjs\n    - ${PATH}`],
    ['an empty list', 'plugins: # none yet\nb: 1\n', `plugins: # none yet\n  - ${PATH}\nb: 1\n`],
  ])('adds the plugin to %s', async (_, text, expected) => {
    expect(await add(text)).toBe(expected)
    expect(await add(expected)).toBe(expected)
    expect(await remove(expected)).toBe(text)
  })

  it('recognises the entry however it is written', async () => {
    for (const entry of [`"./${PATH}"`, `{ path: '${PATH}', spec: x }`, `path: ${PATH}\n    spec: x`]) {
      expect(await addYarnPlugin(`plugins:\n  - ${entry}\n`, PATH)).toEqual({ edits: [] })
    }
  })

  it.each([
    ['a list in brackets', 'plugins: [ a.cjs, "b.cjs" ] # x\n'],
    ['an empty list in brackets', 'plugins: []\n'],
    ['an alias', 'x: &all [a.cjs]\nplugins: *all\n'],
    ['a list that another setting shares', 'plugins: &all [a.cjs]\nx: *all\n'],
    ['settings in braces', '{ nodeLinker: node-modules }\n'],
    ['two documents', 'a: 1\n---\nb: 2\n'],
    ['a second document behind its list', 'plugins:\n  - a.cjs\n---\n'],
    ['an ended document', 'a: 1\n...\n'],
    ['a text whose trailing empty lines count', 'a: |+\n  text\n'],
    ['a plugins setting that is no list', 'plugins: a.cjs\n'],
    ['a duplicate key', 'plugins: [a.cjs]\nplugins: [b.cjs]\n'],
    ['a lone carriage return', 'a: 1\r'],
    ['a broken file', 'a: [\n'],
  ])('refuses %s with the lines to paste', async (_, text) => {
    expect(await addYarnPlugin(text, PATH)).toMatchObject({
      refusal: { snippet: `plugins:\n  - path: ${PATH}` },
    })
  })
})

describe('removeYarnPlugin', () => {
  it('takes out the entry as `yarn plugin import` of another plugin reprints it', async () => {
    const text = `nodeLinker: node-modules\n\nplugins:\n  - path: ${PATH}\n  - path: a.cjs\n    spec: "x"\n`
    expect(await remove(text)).toBe('nodeLinker: node-modules\n\nplugins:\n  - path: a.cjs\n    spec: "x"\n')
  })

  it("keeps the user's comments in a list that has become empty", async () => {
    expect(await remove(`plugins: # mine\n  - path: ${PATH}\n`)).toBe('plugins: # mine\n')
    expect(await remove(`plugins:\n  # mine\n  - path: ${PATH}\n`)).toBe('plugins:\n  # mine\n')
  })

  it('takes out duplicates', async () => {
    expect(await remove(`plugins:\n  - ${PATH}\n  - a.cjs\n  - path: ${PATH}`)).toBe('plugins:\n  - a.cjs')
  })

  it('has nothing to do where the plugin is not listed', async () => {
    expect(await removeYarnPlugin(REDWOOD, PATH)).toEqual({ edits: [] })
  })

  it('leaves of a new file what it was created with', async () => {
    expect(await remove(await add(NEW_YARNRC))).toBe(NEW_YARNRC)
  })
})

describe('every settings file', () => {
  it('gets one insertion and one more plugin, nothing the second time, and comes back byte for byte', async () => {
    await fc.assert(
      fc.asyncProperty(yarnrcText(), async (text) => {
        const result = await addYarnPlugin(text, PATH)
        if (isRefusal(result)) throw new Error(result.refusal.reason)
        const at = result.edits[0]!.start
        expect(result.edits).toEqual([{ start: at, end: at, text: expect.any(String) }])
        const added = applyEdits(text, result.edits)
        const { plugins: before, ...others } = parse(text) ?? {}
        const { plugins: after, ...same } = parse(added)
        expect(same).toEqual(others)
        expect(after).toHaveLength((before?.length ?? 0) + 1)
        expect(await addYarnPlugin(added, PATH)).toEqual({ edits: [] })
        expect(await remove(added)).toBe(text)
      }),
      { numRuns: runs(30, 150) },
    )
  })
})

describe('any text', () => {
  it('is edited or refused, never a defect', async () => {
    const changed = yarnrcText().chain((text) => damaged(text, YAML_PIECES))
    await fc.assert(
      fc.asyncProperty(fc.oneof(noise(YAML_PIECES), changed), async (text) => {
        for (const result of [await addYarnPlugin(text, PATH), await removeYarnPlugin(text, PATH)]) {
          if (isRefusal(result)) expect(result.refusal.snippet).toContain(PATH)
        }
      }),
      { numRuns: runs(30, 150) },
    )
  })
})
