import type { File } from '@babel/types'

/**
 * Parses TypeScript or JavaScript to a Babel tree whose offsets are those of `text`.
 *
 * @throws {SyntaxError} with `loc` when the text does not parse; the message never quotes the text.
 */
export type Parser = (text: string, path: string) => File

/**
 * Loads jscodeshift's own parsers, and only those: recast would expand tabs and line endings, so that its offsets
 * would not be the file's, and it costs more than all the rest.
 */
export async function loadParser(): Promise<Parser> {
  const [ts, tsx] = await Promise.all([import('jscodeshift/parser/ts.js'), import('jscodeshift/parser/tsx.js')])
  const [plain, withJsx] = [ts.default(), tsx.default()]
  return remembering((text, path) => (/\.[cm]?ts$/.test(path) ? plain : withJsx).parse(text))
}

const latest = new Map<string, File>()

/** Reading, editing and checking begin with the same few texts. Nothing changes a tree. */
function remembering(parse: Parser): Parser {
  return (text, path) => {
    const key = `${path}\n${text}`
    const tree = latest.get(key) ?? parse(text, path)
    latest.delete(key)
    latest.set(key, tree)
    if (latest.size > 32) latest.delete(latest.keys().next().value!)
    return tree
  }
}
