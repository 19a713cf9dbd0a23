import { memberNamed, sourceOf, valueNamed } from '../module/ast.ts'
import { scanModule } from '../module/module-scan.ts'
import type { Parser } from '../module/parse.ts'
import { adapterOf, configurationOf, connectionMember } from './adapter.ts'
import { ownConstructions } from './reach.ts'
import { readShape } from './shape.ts'

export interface ClientAdapter {
  /** It has an `ssl` option of the app's own. */
  ssl: boolean
  /** The number that `max` is. */
  max: number | null
}

/** The driver adapter of the exported client. Never throws: code that doesn't parse has none. */
export function readAdapter(text: string, path: string, parser: Parser): ClientAdapter | null {
  try {
    const shape = readShape(scanModule(text, path, parser))
    const client = ownConstructions(shape)[0]
    const use = client && adapterOf(shape.scan, client)
    if (!use) return null
    const configuration = use.build ? configurationOf(shape.scan, use.build) : null
    const object = configuration?.kind === 'object' ? configuration.object : null
    const url = object && connectionMember(object)
    const isOurs = url ? /\bisTestRun\b/.test(sourceOf(text, url)) : false
    const max = object && valueNamed(object, 'max')
    return {
      ssl: object !== null && memberNamed(object, 'ssl') !== undefined && !isOurs,
      max: max?.type === 'NumericLiteral' ? max.value : null,
    }
  } catch {
    return null
  }
}
