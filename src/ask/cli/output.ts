import { readUrl } from '../../connection/connection-string.ts'

/** An object of unknown content. */
export type Fields = Readonly<Record<string, unknown>>

export function fieldsOf(value: unknown): Fields | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null
}

/** The objects of an array, or `null` where there isn't one. Programs written in Go print `null` for an empty one. */
export function listOf(value: unknown): Fields[] | null {
  if (value === null) return []
  if (!Array.isArray(value)) return null
  return value.map(fieldsOf).filter((each) => each !== null)
}

/** A text that is not empty. */
export function textOf(fields: Fields | null, name: string): string | null {
  const value = fields?.[name]
  return typeof value === 'string' && value !== '' ? value : null
}

/**
 * A text that may be an argument of the next command: one that begins with a dash would be taken for an option.
 * Numbers count, as some ids are.
 */
export function argumentOf(fields: Fields | null, name: string): string | null {
  const value = fields?.[name]
  const text = typeof value === 'number' ? String(value) : value
  return typeof text === 'string' && /^(?!-)[^\u0000-\u001f\u007f]{1,2048}$/.test(text) ? text : null
}

export function numberOf(fields: Fields | null, name: string): number | null {
  const value = fields?.[name]
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : null
}

/** A host's name, which goes into a connection string as it is. */
export function hostOf(text: string | null): string | null {
  return text !== null && /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/i.test(text) ? text : null
}

/** A connection string with its password; without one it is of no use. */
export function completeUrl(text: string | null): string | null {
  const url = readUrl(text)
  return url?.password ? url.text : null
}
