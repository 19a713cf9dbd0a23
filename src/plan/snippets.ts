import type { Target } from '../providers/types.ts'
import type { Names } from './names.ts'

/** Lines to paste by hand where there is no file for a codemod to work on. */
export const snippets = {
  datasource(target: Target, names: Names, urlIn: 'schema' | 'config'): string {
    const urls =
      urlIn === 'config'
        ? []
        : [
            `  url       = env("${names.runtime}")`,
            ...(names.direct === null ? [] : [`  directUrl = env("${names.direct}")`]),
          ]
    return ['datasource db {', `  provider  = "${target.kind}"`, ...urls, '}'].join('\n')
  },
}
