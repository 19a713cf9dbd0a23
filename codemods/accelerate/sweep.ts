import type { Parser } from '../module/parse.ts'
import { sweepCommands } from './commands.ts'
import { isSource } from './in-use.ts'
import type { Swept } from './source.ts'
import { sweepSource } from './source.ts'

/** The traces in one file, by what kind of file it is. */
export function sweepFile(text: string, path: string, parser: Parser): Swept {
  return isSource(path) ? sweepSource(text, path, parser) : sweepCommands(text)
}
