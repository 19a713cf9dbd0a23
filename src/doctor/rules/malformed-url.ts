import { parseConnectionString } from '../../connection/connection-string.ts'
import { passwordProblem } from '../../providers/index.ts'
import type { Rule } from '../types.ts'

/** Values that only stand in for one, and files of other environments, are somebody's plan and not a mistake. */
const NO_MISTAKE = new Set(['placeholder', 'empty'])

export const malformedUrl: Rule = {
  code: 'malformed-url',
  inApp: ({ urls }) =>
    urls.flatMap(({ name, path, line, value }) => {
      const parsed = parseConnectionString(value)
      const problem = 'problem' in parsed ? parsed.problem : passwordProblem(parsed.url)
      if (!problem || NO_MISTAKE.has(problem.code)) return []
      return [
        {
          severity: 'error' as const,
          path,
          line,
          message: `${name} is no connection string that works: ${problem.message}`,
          fix: problem.fix ?? `Fix ${name} in ${path}.`,
        },
      ]
    }),
}
