import type { EnvTarget } from './target.ts'

interface NamedValue {
  name: string
  value: string
}

/**
 * Asserts, with dotenv itself, that exactly the names that `want` speaks of read differently.
 *
 * @throws {Error} naming a variable that does not: a defect of the codemod, to be reported as a refusal by the caller.
 * Never holds a value.
 */
export async function checkEnv(before: string, after: string, want: EnvTarget): Promise<void> {
  // A CommonJS package is its own default export in a bundle, and a namespace outside of one.
  const module = await import('dotenv')
  const dotenv = module.default ?? module
  const read = (text: string) => Object.entries(dotenv.parse(text)).map(([name, value]) => ({ name, value }))
  const name = compareValues(read(before), read(after), want)
  if (name !== null) throw new Error(`env codemod: ${name} does not read as intended`)
}

/** The first name that reads differently than `want` intends, or `null`. Of duplicates the last counts. */
export function compareValues(
  before: readonly NamedValue[],
  after: readonly NamedValue[],
  want: EnvTarget,
): string | null {
  const [old, now] = [valuesByName(before), valuesByName(after)]
  const wanted = valuesByName(want.set ?? [])
  const leaving = [...(want.comment ?? []), ...(want.remove ?? [])].filter(({ name }) => !wanted.has(name))
  const leaves = (name: string, value: string) =>
    leaving.some((one) => one.name === name && (one.when?.(value) ?? true))

  const agrees = (name: string): boolean => {
    const [was, is] = [old.get(name), now.get(name)]
    if (wanted.has(name)) return is === wanted.get(name)
    if (was !== undefined && leaves(name, was)) return is === undefined || !leaves(name, is)
    return is === was
  }
  return [...new Set([...old.keys(), ...now.keys(), ...wanted.keys()])].find((name) => !agrees(name)) ?? null
}

function valuesByName(entries: readonly NamedValue[]): Map<string, string> {
  return new Map(entries.map(({ name, value }) => [name, value]))
}
