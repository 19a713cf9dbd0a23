import type { SchemaValue } from '../../../codemods/schema/schema.ts'
import type { FilesCheck } from '../types.ts'

export const sameUrl: FilesCheck = {
  code: 'same-url',
  title: '',
  why: '',
  fix: '',
  needs: 'files',
  run({ app, runtime, direct, transactionPooler }) {
    const severity = transactionPooler === null ? ('warning' as const) : ('error' as const)
    const consequence =
      transactionPooler === null
        ? 'so `directUrl` does nothing.'
        : `so migrations go through the pooler (${transactionPooler}) and fail.`
    const { datasource } = app
    if (datasource && app.paths.schema && isSame(datasource.url, datasource.directUrl)) {
      return [
        {
          severity,
          path: app.paths.schema,
          line: datasource.lines.directUrl ?? datasource.startLine,
          detail: `\`url\` and \`directUrl\` are the same, ${consequence}`,
          fix: 'Give `directUrl` a variable of its own with the direct URL, or take the line out.',
        },
      ]
    }
    if (!runtime || !direct || runtime.value !== direct.value || runtime.name === direct.name) return []
    return [
      {
        severity,
        path: direct.path,
        line: direct.line,
        detail: `${direct.name} has the same value as ${runtime.name}, ${consequence}`,
        fix: `Put the direct URL, without a pooler, into ${direct.name}.`,
      },
    ]
  },
}

function isSame(a: SchemaValue | null, b: SchemaValue | null): boolean {
  return a !== null && b !== null && JSON.stringify(a) === JSON.stringify(b)
}
