import { loadParser, type Parser } from '../module/parse.ts'
import { applyEdits, type CodemodResult, isRefusal } from '../text/edit.ts'

/** What jscodeshift hands to a transform: https://github.com/facebook/jscodeshift#transform-module */
interface JscodeshiftFile {
  path: string
  source: string
}

interface JscodeshiftApi {
  report?: (message: string) => void
}

export type Transform = (
  file: JscodeshiftFile,
  api: JscodeshiftApi,
  options: Record<string, unknown>,
) => Promise<string | undefined>

/** Makes a codemod one that `npx jscodeshift -t` runs on files; a refusal is reported and changes nothing. */
export function asTransform(
  codemod: (text: string, path: string, options: Record<string, unknown>, parser: Parser) => CodemodResult,
): Transform {
  return async ({ path, source }, api, options) => {
    const result = codemod(source, path, options, await loadParser())
    if (isRefusal(result)) {
      const { line, reason, snippet } = result.refusal
      api.report?.(`${path}${line === undefined ? '' : `:${line}`}: ${reason}\n${snippet}`)
      return undefined
    }
    const text = applyEdits(source, result.edits)
    return text === source ? undefined : text
  }
}
