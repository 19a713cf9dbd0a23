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

  prismaConfig(names: Names): string {
    const direct = names.direct === null ? '' : `process.env.${names.direct} || `
    return [
      "const { defineConfig } = require('prisma/config')",
      '',
      'const isTest =',
      "  process.env.NODE_ENV === 'test' ||",
      '  process.env.DATABASE_URL === process.env.TEST_DATABASE_URL ||',
      "  process.env.DATABASE_URL?.startsWith('file:')",
      '',
      'module.exports = defineConfig({',
      "  schema: 'db/schema.prisma',",
      '  datasource: {',
      '    url: isTest',
      '      ? process.env.TEST_DIRECT_URL || process.env.TEST_DATABASE_URL',
      `      : ${direct}process.env.DATABASE_URL,`,
      '  },',
      '})',
    ].join('\n')
  },
}
