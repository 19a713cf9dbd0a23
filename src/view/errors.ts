import { ActionableError, EXIT, type ExitCode } from '../base/errors.ts'
import { palette, sanitise, wrap } from '../base/text.ts'
import type { View } from './page.ts'

/**
 * An error as the user reads it on stderr; ends with a newline. `mask` hides the secrets of a text: what a dependency
 * throws may quote a URL. `verbose` adds the stack.
 */
export function renderError(
  error: unknown,
  { color, columns, verbose, mask }: View & { mask: (text: string) => string },
): string {
  const paint = palette(color)
  // The first paragraph is prose; what follows it, such as a diff, keeps its lines.
  const [, prose = '', rest = ''] = /^([\s\S]*?)(\n\n[\s\S]*)?$/.exec(sanitise(mask(headline(error)))) ?? []
  const text = wrap(`Error: ${prose}`, { columns })
  const lines = [text.replace('Error', paint.red) + rest]
  if (error instanceof ActionableError && error.fix !== undefined) lines.push('', sanitise(mask(error.fix)))
  if (verbose) lines.push('', paint.dim(sanitise(mask(trace(error)))))
  return `${lines.join('\n')}\n`
}

/** Anything but an `ActionableError` is a defect of this program, so nothing was agreed on and 1 it is. */
export function exitCodeOf(error: unknown): ExitCode {
  return error instanceof ActionableError ? error.exitCode : EXIT.failed
}

function headline(error: unknown): string {
  if (error instanceof ActionableError) return error.message
  return 'something unexpected went wrong in this program. Run the command again with --verbose and report what it prints.'
}

function trace(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const own = unquoted(error.stack ?? `${error.name}: ${error.message}`)
  return error.cause === undefined ? own : `${own}\nCaused by ${trace(error.cause)}`
}

/** `JSON.parse` quotes what it could not read, which may be any file's text. */
function unquoted(text: string): string {
  return text.replace(/(?:\.{3})?"[\s\S]*?"(?:\.{3})?(?= is not valid JSON)/g, 'the text')
}
