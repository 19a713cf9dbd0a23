import { scanModule } from '../module/module-scan.ts'
import type { Parser } from '../module/parse.ts'
import { adapterOf } from './adapter.ts'
import { firstOf, ownConstructions } from './reach.ts'
import { readShape } from './shape.ts'

/** Whether the exported client connects through a driver adapter. Never throws: code that doesn't parse has none. */
export function hasAdapter(text: string, path: string, parser: Parser): boolean {
  try {
    const shape = readShape(scanModule(text, path, parser))
    const client = firstOf(ownConstructions(shape))
    return client !== undefined && adapterOf(shape.scan, client) !== null
  } catch {
    return false
  }
}
