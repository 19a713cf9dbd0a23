/**
 * Where the Yarn plugin goes, relative to the app's root. The frameworks' templates ignore `.yarn/*` but keep
 * `.yarn/plugins`.
 */
export const PLUGIN_PATH = '.yarn/plugins/@redwood-pooling/plugin-setup-pooling.cjs'

/** The `name` that the plugin gives itself, by which a file of ours is recognised. */
const PLUGIN_NAME = '@redwood-pooling/plugin-setup-pooling'

export function isOurPlugin(text: string): boolean {
  return text.includes(PLUGIN_NAME)
}

/** Whether two texts are the same but for line endings, which Git may have changed at checkout. */
export function isSamePlugin(one: string, other: string): boolean {
  return one.replaceAll('\r\n', '\n') === other.replaceAll('\r\n', '\n')
}
