import type { EnvPlaceholder, EnvTarget } from './target.ts'

/**
 * Asserts, with dotenv itself, that exactly the names that `want` speaks of read differently.
 *
 * @throws {Error} naming a variable that does not: a defect of the codemod, to be reported as a refusal by the caller.
 * Never holds a value.
 */
export async function checkEnv(before: string, after: string, want: EnvTarget): Promise<void> {
  const read = await reader()
  const values = (text: string) => new Map(Object.entries(read(text)))
  const name = compareValues(values(before), values(after), want)
  if (name !== null) throw new Error(`env codemod: ${name} does not read as intended`)
}

/**
 * Whether every name reads in `text` as it does in `now`, or, where that is what we wrote, as it did `before`.
 *
 * @param shape of a value: two of the same shape count as the same
 */
export async function isTakenBack(
  text: string,
  { before, after, now }: { before: string; after: string; now: string },
  shape: (value: string) => string,
): Promise<boolean> {
  const read = await reader()
  const [is, found, wrote, there] = [text, before, after, now].map(read)
  const names = Object.keys({ ...is, ...found, ...there })
  const isOurs = (name: string) => shape(String(there![name])) === shape(String(wrote![name]))
  return names.every((name) => is![name] === (isOurs(name) ? found![name] : there![name]))
}

async function reader(): Promise<(text: string) => Record<string, string>> {
  // A CommonJS package is its own default export in a bundle, and a namespace outside of one.
  const module = await import('dotenv')
  return (module.default ?? module).parse
}

type Values = ReadonlyMap<string, string>

/** The first name that reads differently than `want` intends, or `null`. */
export function compareValues(old: Values, now: Values, want: EnvTarget): string | null {
  const wanted = valuesByName(want.set ?? [])
  const leaving = [...(want.comment ?? []), ...(want.remove ?? [])].filter(({ name }) => !wanted.has(name))
  const leaves = (name: string, value: string) =>
    leaving.some((one) => one.name === name && (one.when?.(value) ?? true))

  const agrees = (name: string): boolean => {
    const [was, is] = [old.get(name), now.get(name)]
    if (wanted.has(name)) return is === wanted.get(name)
    const filled = want.placeholder?.find((one) => one.name === name)
    if (filled?.active && is === filled.example && isToFill(filled, was)) return true
    if (was !== undefined && leaves(name, was)) return is === undefined || !leaves(name, is)
    return is === was
  }
  return [...new Set([...old.keys(), ...now.keys(), ...wanted.keys()])].find((name) => !agrees(name)) ?? null
}

/** Whether an active placeholder takes the place of a value. */
export function isToFill({ outdated }: EnvPlaceholder, value: string | undefined): boolean {
  return !value || outdated?.(value) === true
}

/** Of duplicates the last counts. */
export function valuesByName(entries: readonly { name: string; value: string }[]): Values {
  return new Map(entries.map(({ name, value }) => [name, value]))
}
