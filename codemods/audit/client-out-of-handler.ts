import type { Parser } from '../module/parse.ts'
import type { CodemodResult } from '../text/edit.ts'
import { type SharedClient, shareClient } from './share-client.ts'

/** Replaces clients that are made inside a function, one with each call, by the shared one. */
export function clientOutOfHandler(
  text: string,
  path: string,
  shared: SharedClient,
  parser: Parser,
): CodemodResult {
  return shareClient(text, path, shared, parser, ({ inFunction }) => inFunction)
}
