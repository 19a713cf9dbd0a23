import type { Parser } from '../module/parse.ts'
import type { CodemodResult } from '../text/edit.ts'
import { type SharedClient, shareClient } from './share-client.ts'

/** Replaces clients that a module makes for itself when it loads by the shared one. */
export function secondClient(
  text: string,
  path: string,
  shared: SharedClient,
  parser: Parser,
): CodemodResult {
  return shareClient(text, path, shared, parser, ({ inFunction }) => !inFunction)
}
