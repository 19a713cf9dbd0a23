import type { Known } from '../base/known.ts'
import { ANSWERS } from '../live/unreached.ts'
import { TOO_FEW } from './capacity.ts'
import { FILES_CHECKS, SOURCE_CHECKS } from './checks/index.ts'
import { LIVE_CHECKS } from './live-checks.ts'
import { WORDS } from './planned/codes.ts'

/** Errors of Prisma and PostgreSQL that no finding stands for alone. */
const SYMPTOMS: readonly Known[] = [
  {
    code: 'database-in-use',
    title: 'Other sessions are connected to the database that should be dropped',
    why: 'A reset, or a test run, drops its database, which PostgreSQL refuses while a pooler or another client holds a connection.',
    fix: 'Stop what is connected, and give tests and the shadow database direct URLs of their own.',
    seen: [/55006/, /is being accessed by other users/],
  },
]

const ALL: readonly Known[] = [
  ...Object.values(WORDS),
  ...SOURCE_CHECKS,
  ...FILES_CHECKS,
  TOO_FEW,
  ...LIVE_CHECKS,
  ...ANSWERS,
  ...SYMPTOMS,
]

/** Everything that can be found or seen, each code once. */
export const KNOWN: readonly Known[] = [...new Map(ALL.map((known) => [known.code, known])).values()]

/** What a code, or the text of an error, stands for; the likeliest first. */
export function explained(text: string): Known[] {
  const asked = text.trim()
  const named = KNOWN.filter(({ code }) => code === asked)
  return named.length > 0 ? named : KNOWN.filter(({ seen }) => seen?.some((pattern) => pattern.test(asked)))
}
