import { parseConnectionString, splitUrls } from '../../connection/connection-string.ts'
import type { FilesCheck } from '../types.ts'

/** Values that only stand in for a connection string aren't a mistake, nor is SQL Server's own form. */
const NO_MISTAKE = new Set(['placeholder', 'empty', 'wrong-database'])

const ENCODED = ['# as %23', '@ as %40', '/ as %2F', '? as %3F', ': as %3A', 'a space as %20', '% as %25']

export const malformedUrl: FilesCheck = {
  code: 'malformed-url',
  title: "A connection string isn't valid",
  why: 'Nothing can connect with it.',
  fix: "Copy it again from the provider's console.",
  seen: [/P1013/, /invalid (database|connection) (string|url)/i],
  run: ({ urls }) =>
    urls.flatMap(({ name, path, line, value }) => {
      // Replicas stand in one variable.
      const each = splitUrls(value).map(parseConnectionString)
      const problem = each.flatMap((parsed) => ('problem' in parsed ? [parsed.problem] : []))[0]
      if (!problem || NO_MISTAKE.has(problem.code)) return []
      return [
        {
          severity: 'error' as const,
          path,
          line,
          detail: `${name} isn't a valid connection string: ${problem.message}`,
          fix:
            problem.code === 'unescaped-character'
              ? `In the user and password, write ${ENCODED.join(', ')}.`
              : `Copy ${name} again from the provider's console into ${path}.`,
        },
      ]
    }),
}
