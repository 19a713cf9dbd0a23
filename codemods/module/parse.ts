import type { File } from '@babel/types'

/**
 * Parses TypeScript or JavaScript to a Babel tree whose offsets are those of `text`.
 *
 * @throws {SyntaxError} with `loc` when the text does not parse; the message never quotes the text.
 */
export type Parser = (text: string, path: string) => File

interface BabelParser {
  parse(text: string): File
}

/**
 * Loads jscodeshift's own parsers, and only those: recast would expand tabs and line endings, so that its offsets
 * would not be the file's, and it costs more than all the rest.
 */
export async function loadParser(): Promise<Parser> {
  const [ts, tsx, babylon] = await Promise.all([
    import('jscodeshift/parser/ts.js'),
    import('jscodeshift/parser/tsx.js'),
    import('jscodeshift/parser/babylon.js'),
  ])
  const typescript = ts.default()
  const withJsx = tsx.default()
  return (text, path) =>
    /\.[cm]?ts$/.test(path) ? typescript.parse(text) : parseJavaScript(text, withJsx, babylon.default())
}

/** Flow's annotations, which the first parser takes for TypeScript's, are rare enough to come second. */
function parseJavaScript(text: string, modern: BabelParser, flow: BabelParser): File {
  try {
    return modern.parse(text)
  } catch (error) {
    try {
      return flow.parse(text)
    } catch {
      throw error
    }
  }
}
