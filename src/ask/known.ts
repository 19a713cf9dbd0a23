import { parseConnectionString } from '../connection/connection-string.ts'
import { recognise } from '../providers/index.ts'
import type { Recognised } from '../providers/types.ts'

/** What a text is recognised as; `null` for no text, no connection string, and one that nobody knows. */
export function recogniseText(text: string | undefined): Recognised | null {
  if (!text) return null
  const parsed = parseConnectionString(text)
  return 'url' in parsed ? recognise(parsed.url) : null
}

/** The same for what an app uses today: a file or a server on the developer's machine says nothing about a provider. */
export function recogniseHosted(text: string | undefined): Recognised | null {
  const found = recogniseText(text)
  return found?.role === 'local' || found?.kind === 'sqlite' ? null : found
}
