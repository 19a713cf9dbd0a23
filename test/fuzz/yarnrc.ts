import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { parse } from 'yaml'
import { addYarnPlugin, removeYarnPlugin } from '../../codemods/manifests/yarnrc.ts'
import { applyEdits, isRefusal } from '../../codemods/text/edit.ts'
import { damaged, noise, YAML_PIECES, yarnrcText } from '../register/arbitraries.ts'
import { fail } from './code.ts'

const PATH = '.yarn/plugins/@redwood-pooling/plugin-setup-pooling.cjs'
const changed = yarnrcText().chain((text) => damaged(text, YAML_PIECES))
const anyText = fc.oneof(yarnrcText(), changed, noise(YAML_PIECES))

async function edited(text: string, edit: typeof addYarnPlugin): Promise<string | null> {
  const result = await edit(text, PATH)
  if (!isRefusal(result)) return applyEdits(text, result.edits)
  if (!result.refusal.snippet.includes(PATH)) fail('the refusal does not help')
  return null
}

/** What another reading makes of a text: every setting, and the list of plugins without ours. */
function meaning(text: string): unknown {
  const { plugins, ...others } = (parse(text, { schema: 'failsafe', logLevel: 'error' }) ?? {}) as Record<
    string,
    unknown
  >
  if (plugins === undefined || plugins === '' || plugins === null) return { ...others, plugins: [] }
  if (!Array.isArray(plugins)) return { ...others, plugins }
  return { ...others, plugins: plugins.filter((plugin) => !isOurs(plugin)) }
}

function isOurs(plugin: unknown): boolean {
  const path = typeof plugin === 'object' && plugin !== null && 'path' in plugin ? plugin.path : plugin
  return path === PATH || path === `./${PATH}`
}

async function staysRight(text: string): Promise<string | null> {
  const after = await edited(text, addYarnPlugin)
  for (const [result, edit] of [
    [after, addYarnPlugin],
    [await edited(text, removeYarnPlugin), removeYarnPlugin],
  ] as const) {
    if (result === null || result === text) continue
    if (!isDeepStrictEqual(meaning(result), meaning(text))) fail('something else changed')
    if ((await edited(result, edit)) !== result) fail('the second run edits again')
  }
  return after
}

export const yarnrcProperties: Record<string, (runs: number) => Promise<void>> = {
  'a plugin is added once, means nothing else, and comes out byte for byte': (runs) =>
    fc.assert(
      fc.asyncProperty(yarnrcText(), async (text) => {
        const after = (await staysRight(text)) ?? fail('refused')
        const { plugins } = parse(after) as { plugins: unknown[] }
        if (plugins.filter(isOurs).length !== 1) fail('the plugin is not there once')
        if ((await edited(after, removeYarnPlugin)) !== text) fail('it does not come out exactly')
      }),
      { numRuns: runs },
    ),
  'any text is edited or refused, never a defect': (runs) =>
    fc.assert(
      fc.asyncProperty(anyText, async (text) => {
        await staysRight(text)
      }),
      { numRuns: runs },
    ),
}
