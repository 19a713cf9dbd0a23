import { counted } from '../base/words.ts'
import type { Facts } from './types.ts'

const LIST = new Intl.ListFormat('en')

/** What was looked at, as the end of the sentence that nothing was found. */
export function lookedAt({ app, embedded, runtime, direct, test }: Facts, sources: number, connected: boolean): string {
  const urls = [runtime, direct, test].filter((at) => at !== null)
  const names = [...new Set(urls.map(({ name, path }) => `${name} (${path})`))]
  const files = [app.paths.schema, app.paths.prismaConfig, app.paths.dbClient].filter((path) => path !== null)
  const looked = LIST.format([...names, ...files, counted(sources, 'source file')])
  if (embedded) return `${looked}. ${embedded} runs within the app: it has no connections to run out of.`
  return `${looked}${connected ? '' : '; nothing was connected to'}.`
}
