import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { parse } from 'smol-toml'
import { readToml, removeCliPlugin } from '../../codemods/manifests/toml.ts'
import { appendBlock } from '../../codemods/text/append-block.ts'
import { applyEdits, isRefusal } from '../../codemods/text/edit.ts'
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

function edited(text: string): string | null {
  const result = removeCliPlugin(text, NAME)
  if (!isRefusal(result)) return applyEdits(text, result.edits)
  if (!result.refusal.snippet.includes(NAME)) fail('the refusal does not help')
  return null
}

function staysRight(text: string): void {
  const after = edited(text)
  if (after === null) return
  if ('invalid' in readToml(text)) fail('a file that cannot be read was edited')
  if (!isDeepStrictEqual(meaning(after), meaning(text))) fail('something else changed')
  if (edited(after) !== after) fail('the second run edits again')
}

export const tomlProperties: Record<string, (runs: number) => void> = {
  'a plugin comes out byte for byte': (runs) => {
    fc.assert(
      fc.property(tomlText(), (text) => {
        const block = ['[[experimental.cli.plugins]]', `  package = "${NAME}"`]
        const added = applyEdits(text, [appendBlock(text, block)])
        staysRight(added)
        if ((edited(added) ?? text) !== text) fail('it does not come out exactly')
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
