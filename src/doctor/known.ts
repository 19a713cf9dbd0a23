import type { Known } from '../base/known.ts'
import { readPackaged } from '../base/template.ts'
import { sanitiseLine } from '../base/text.ts'
import { maskUrls } from '../connection/mask.ts'
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
    fix: 'Stop what is connected, and give tests and the shadow database their own direct URLs.',
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

/** What `pooling` itself says, whose only list is the page of all codes. */
export function saidBySetup(): Known[] {
  return onPage(/^\| `([a-z0-9-]+\*?)` \| (.+) \| ()(.+) \|$/gm).map((known) => ({ ...known, fix: `${known.fix}.` }))
}

/** Prisma's errors. What each comes from is a finding, which its last sentence names. */
function prismaErrors(): Known[] {
  return onPage(/^### (P\d{4}): (.+)\n\n([\s\S]+?)\n\n\*\*Fix:\*\* ([\s\S]+?)\s+See\s\[/gm)
}

function onPage(pattern: RegExp): Known[] {
  const found = [...readPackaged('docs/doctor.md').matchAll(pattern)]
  const texts = found.map((groups) => groups.map((text) => text.replaceAll('\n', ' ')))
  return texts.map(([, code, title, why, fix]) => ({ code: code!, title: title!, why: why!, fix: fix! }))
}

/** `saw` is the part of an error's text by which it was recognised. */
export type Explained = Known & { saw?: string }

/** What a code, or the text of an error, stands for; the likeliest first. */
export function explained(text: string): Explained[] {
  const asked = text.trim()
  const named = KNOWN.filter(({ code }) => code === asked)
  if (named.length > 0) return named
  const seen = KNOWN.flatMap((known): Explained[] => {
    const saw = known.seen?.map((pattern) => pattern.exec(asked)?.[0]).find((match) => match !== undefined)
    return saw === undefined ? [] : [{ ...known, saw: sanitiseLine(maskUrls(saw)) }]
  })
  if (seen.length > 0) return [...prismaErrors().filter(({ code }) => asked.includes(code)), ...seen]
  // Some codes end with the name of an input, as in `missing-pooled`.
  return saidBySetup().filter(({ code }) => (code.endsWith('*') ? asked.startsWith(code.slice(0, -1)) : code === asked))
}
