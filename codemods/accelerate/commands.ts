import { type Edit, lineAt, lineEnd } from '../text/edit.ts'
import { ACCELERATE_URL } from './in-use.ts'

/** What is left for the user in one file. */
export interface Leftover {
  /** 1-based. */
  line: number
  /** A phrase that says what stands there, without any of its values. */
  what: string
  /** The code in its place, where the app neither compiles nor runs with it. */
  snippet?: string
}

export interface Swept {
  edits: Edit[]
  leftovers: Leftover[]
}

/** Flags of `prisma generate` that make a client for Accelerate alone: with any other URL it cannot start. */
const FLAG = /--(?:no-engine|accelerate|data-proxy)(?:=\w+)?(?![\w-])/
/** One of a list of words, `["prisma", "generate", "--no-engine"]`, or of a command line. */
const WORDS = [new RegExp(`,[ \\t]*(["'])${FLAG.source}\\1`, 'g'), new RegExp(`[ \\t]+${FLAG.source}`, 'g')]
/** On a line that a backslash joins to the command. */
const JOINED = new RegExp(`^\\s*${FLAG.source}`)
const SEPARATOR = /&&|\|\|?|;/
const VARIABLE = /\b(?:PRISMA_GENERATE_(?:DATAPROXY|NO_ENGINE|ACCELERATE)|(?:PRISMA_)?ACCELERATE_(?:URL|API_KEY))\b/

/** Takes the flags out of commands that run Prisma, in any text: scripts of package.json, CI, deploy files. */
export function sweepCommands(text: string): Swept {
  const edits: Edit[] = []
  const leftovers: Leftover[] = []
  for (let from = 0; from < text.length; from = lineEnd(text, from)) {
    const line = text.slice(from, lineEnd(text, from))
    if (/^\s*(#|\/\/)/.test(line)) continue
    const flags = WORDS.flatMap((pattern) => [...line.matchAll(pattern)]).filter(({ index }) => runsPrisma(line, index))
    for (const { index, 0: flag } of flags.sort((a, b) => a.index - b.index)) {
      edits.push({ start: from + index, end: from + index + flag.length, text: '' })
    }
    const what = leftIn(line, flags.length > 0)
    if (what !== null) leftovers.push({ line: lineAt(text, from), what })
  }
  return { edits, leftovers }
}

function runsPrisma(line: string, index: number): boolean {
  return /\bprisma\b/.test(line.slice(0, index).split(SEPARATOR).at(-1)!)
}

function leftIn(line: string, isEdited: boolean): string | null {
  const flag = FLAG.exec(line)
  if (flag && !isEdited && (JOINED.test(line) || runsPrisma(line, flag.index))) return `\`${flag[0]}\``
  const trace = VARIABLE.exec(line) ?? ACCELERATE_URL.exec(line)
  return trace && `\`${trace[0]}\``
}
