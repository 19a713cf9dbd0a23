import { type Edit, lineAt, lineEnd } from '../text/edit.ts'
import type { Leftover, Swept } from './source.ts'

/** Flags of `prisma generate` that make a client for Accelerate alone: with any other URL it cannot start. */
const FLAG = /--(?:no-engine|accelerate|data-proxy)(?:=\w+)?(?![\w-])/
/** One of a list of words: `["prisma", "generate", "--no-engine"]`. */
const LISTED = new RegExp(`,[ \\t]*(["'])${FLAG.source}\\1`, 'g')
const SPACED = new RegExp(`[ \\t]+${FLAG.source}`, 'g')
/** The whole of a line that a backslash joins to the one before. */
const ALONE = new RegExp(`^\\s*${FLAG.source}\\s*\\\\?\\s*$`)
const SEPARATOR = /&&|\|\|?|;/
const VARIABLE = /\bPRISMA_GENERATE_(?:DATAPROXY|NO_ENGINE|ACCELERATE)\b/
const ACCELERATE_URL = /prisma:\/\/|prisma\+postgres:\/\/accelerate/

/**
 * Takes the flags out of commands in any text: scripts of package.json, CI, deploy files. Only a line that runs Prisma
 * is edited, which includes the lines that a backslash joins to it.
 */
export function sweepCommands(text: string): Swept {
  const edits: Edit[] = []
  const leftovers: Leftover[] = []
  let carried = false
  for (let from = 0; from < text.length; from = lineEnd(text, from)) {
    const line = text.slice(from, lineEnd(text, from))
    if (/^\s*(#|\/\/)/.test(line)) continue
    const isJoined = /\\\r?\n$/.test(text.slice(Math.max(0, from - 3), from))
    const ofPrisma = (index: number) => {
      const command = line.slice(0, index).split(SEPARATOR)
      return /\bprisma\b/.test(command.at(-1)!) || (command.length === 1 && isJoined && carried)
    }
    const { edits: own, rest } = withoutFlags(line, from, isJoined, ofPrisma)
    edits.push(...own)
    const what = leftIn(rest, isJoined && carried)
    if (what !== null) leftovers.push({ line: lineAt(text, from), what })
    carried = ofPrisma(line.length)
  }
  return { edits, leftovers }
}

function withoutFlags(line: string, from: number, isJoined: boolean, ofPrisma: (index: number) => boolean) {
  const edits: Edit[] = []
  if (isJoined && ALONE.test(line) && ofPrisma(0)) {
    // Without its last word a command's line before would end in a backslash that joins nothing.
    const isLast = !/\\\r?\n$/.test(line)
    return isLast ? { edits, rest: line } : { edits: [{ start: from, end: from + line.length, text: '' }], rest: '' }
  }
  let rest = line
  for (const pattern of [LISTED, SPACED]) {
    for (const match of line.matchAll(pattern)) {
      if (!ofPrisma(match.index)) continue
      edits.push({ start: from + match.index, end: from + match.index + match[0].length, text: '' })
      rest = rest.replace(match[0], '')
    }
  }
  return { edits: edits.sort((a, b) => a.start - b.start), rest }
}

function leftIn(line: string, carried: boolean): string | null {
  const flag = FLAG.exec(line)
  const command = flag && line.slice(0, flag.index).split(SEPARATOR).at(-1)!
  if (flag && (/\bprisma\b/.test(command!) || (carried && ALONE.test(line)))) return `\`${flag[0]}\``
  const variable = VARIABLE.exec(line)
  if (variable) return `\`${variable[0]}\``
  return ACCELERATE_URL.test(line) ? 'an Accelerate URL' : null
}
