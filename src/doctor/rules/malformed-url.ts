import { parseConnectionString } from '../../connection/connection-string.ts'
import type { Rule } from '../types.ts'

/** Values that only stand in for one, and files of other environments, are somebody's plan and not a mistake. */
const NO_MISTAKE = new Set(['placeholder', 'empty'])

export const malformedUrl: Rule = {
  code: 'malformed-url',
  inApp: ({ urls }) =>
    urls.flatMap(({ name, path, line, value }) => {
      const parsed = parseConnectionString(value)
      if (!('problem' in parsed) || NO_MISTAKE.has(parsed.problem.code)) return []
      return [
        {
          severity: 'error' as const,
          path,
          line,
          message: `${name} is no connection string that works: ${parsed.problem.message}`,
          fix: parsed.problem.fix ?? `Mend ${name} in ${path}.`,
        },
      ]
    }),
}
