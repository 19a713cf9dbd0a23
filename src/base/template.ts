import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { upwards } from './upwards.ts'

/** Text of a file of the package, such as one in `docs`, which lies beside `dist` and beside `src`. */
export function readPackaged(path: string): string {
  const places = upwards(import.meta.dirname).map((folder) => join(folder, path))
  const file = places.find((place) => existsSync(place))
  if (file === undefined) throw new Error(`the package lacks ${path}`)
  return readFileSync(file, 'utf8')
}

export function readTemplate(name: string): string {
  return readPackaged(`templates/${name}`)
}

/**
 * Fills in `{{name}}`; a line with a value that is null is left out. `{{name?}}` stands for nothing: it makes a
 * comment go with the line that it is about.
 */
export function renderTemplate(template: string, values: Readonly<Record<string, string | null>>): string {
  return template
    .split('\n')
    .filter((line) => ![...line.matchAll(PLACEHOLDER)].some(([, name]) => values[name!] === null))
    .map((line) => line.replace(/ ?\{\{\w+\?\}\}/g, '').replace(PLACEHOLDER, (_, name: string) => value(values, name)))
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
}

const PLACEHOLDER = /\{\{(\w+)\??\}\}/g

function value(values: Readonly<Record<string, string | null>>, name: string): string {
  const found = values[name]
  if (found === undefined || found === null) throw new Error(`the template's {{${name}}} has no value`)
  return found
}
