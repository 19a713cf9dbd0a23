import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { parse } from 'smol-toml'
import { addCliPlugin, readToml, removeCliPlugin } from '../../codemods/manifests/toml.ts'
import { applyEdits, isRefusal } from '../../codemods/text/edit.ts'
import { ActionableError } from '../../src/base/errors.ts'
import { damaged, noise, TOML_PIECES, tomlText } from '../register/arbitraries.ts'
import { fail } from './code.ts'

const NAME = '@redwood-pooling/cli'
const changed = tomlText().chain((text) => damaged(text, TOML_PIECES))
const anyText = fc.oneof(tomlText(), changed, noise(TOML_PIECES))

type Tables = { experimental?: { cli?: { plugins?: { package: string }[] } } }

/** What another reader makes of a text, without our plugin, and without the list and its tables where they hold nothing. */
function meaning(text: string): unknown {
  const root = parse(text.replace(/^\uFEFF/, ''), { integersAsBigInt: true }) as Tables
  const cli = root.experimental?.cli
  if (!cli) return root
  if (Array.isArray(cli.plugins)) cli.plugins = cli.plugins.filter((plugin) => plugin.package !== NAME)
  if (cli.plugins?.length === 0) delete cli.plugins
  if (Object.keys(cli).length === 0) delete root.experimental!.cli
  if (Object.keys(root.experimental!).length === 0) delete root.experimental
  return root
}

function edited(text: string, edit: typeof addCliPlugin): string | null {
  const result = edit(text, NAME)
  if (!isRefusal(result)) return applyEdits(text, result.edits)
  if (!result.refusal.snippet.includes(NAME)) fail('the refusal does not help')
  return null
}

/** The file as it says itself, or null where it is refused in words. */
function read(text: string): ReturnType<typeof readToml> | null {
  try {
    return readToml(text)
  } catch (error) {
    if (error instanceof ActionableError) return null
    throw error
  }
}

function staysRight(text: string): string | null {
  const before = read(text)
  const after = edited(text, addCliPlugin)
  const without = edited(text, removeCliPlugin)
  if (before === null && (after !== null || without !== null)) fail('a file that cannot be read was edited')
  for (const [result, edit] of [
    [after, addCliPlugin],
    [without, removeCliPlugin],
  ] as const) {
    if (result === null) continue
    if (!isDeepStrictEqual(meaning(result), meaning(text))) fail('something else changed')
    if (edited(result, edit) !== result) fail('the second run edits again')
  }
  return after
}

export const tomlProperties: Record<string, (runs: number) => void> = {
  'a plugin is added once, means nothing else, and comes out byte for byte': (runs) => {
    fc.assert(
      fc.property(tomlText(), (text) => {
        const after = staysRight(text) ?? fail('refused')
        const plugins = (file: string) => readToml(file).cliPlugins.map((plugin) => plugin.package)
        if (!isDeepStrictEqual(plugins(after), [...plugins(text), NAME])) fail('the plugin is not there')
        if (edited(after, removeCliPlugin) !== text) fail('it does not come out exactly')
      }),
      { numRuns: runs },
    )
  },
  'any text is edited or refused, never a defect': (runs) => {
    fc.assert(
      fc.property(anyText, (text) => {
        staysRight(text)
      }),
      { numRuns: runs },
    )
  },
}
