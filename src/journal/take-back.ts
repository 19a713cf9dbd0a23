import { isTakenBack } from '../../codemods/env/dotenv-check.ts'
import { isEnvFile } from '../../codemods/env/files.ts'
import { takeBackKeys } from '../../codemods/manifests/package-json.ts'
import { loadParser } from '../../codemods/module/parse.ts'
import { parsesLike } from '../../codemods/schema/schema-check.ts'
import { type Changed, takeBackLines } from '../../codemods/text/take-back.ts'
import { utf8 } from '../base/text.ts'
import type { Entry, Journal } from './journal.ts'
import type { FileRecord, FileState } from './manifest.ts'

/** One file as it was found, as we wrote it, and as it is now; null: no such file. */
export interface FileVersions {
  path: string
  before: string | null
  after: string | null
  now: string | null
}

export async function versionsOf(
  journal: Journal,
  entry: Entry,
  { path, before, after }: FileRecord,
  now: string | null,
): Promise<FileVersions> {
  const textOf = async (state: FileState | null) => state && utf8(await journal.content(entry, state))
  return { path, before: await textOf(before), after: await textOf(after), now }
}

export interface FileTakenBack {
  text: string | null
  /** Lines of ours that were changed since; in `text` they are as they were found. */
  conflicts: Changed[]
  /** Numbers were changed on lines of ours, and went with them. */
  numbers: boolean
}

/**
 * The file without what we did to it, and with what was done to it since.
 *
 * @param withNumbers whether lines of ours in which only numbers were changed are taken back with the others
 */
export async function takeBack(versions: FileVersions, withNumbers: boolean): Promise<FileTakenBack> {
  const { path, before, after, now } = versions
  if (now === after || now === before) return { text: before, conflicts: [], numbers: false }
  const whole = { line: 1, end: 1, wrote: after ?? '', now }
  const refused = { text: before, conflicts: [whole], numbers: false }
  if (after === null || now === null || (before === null && !isList(path)) || now.includes('\uFFFD')) return refused
  const texts = { before: before ?? '', after, now }
  if (/(^|\/)package\.json$/.test(path)) {
    const text = takeBackKeys(texts.before, after, now)
    return text === null ? refused : { text, conflicts: [], numbers: false }
  }
  const shape = withNumbers ? withoutNumbers(path) : String
  const { text, conflicts, numbers } = takeBackLines(texts.before, after, now, shape)
  if (!(await isSound(path, text, texts))) return conflicts.length > 0 ? { ...refused, conflicts } : refused
  if (conflicts.length === 0 && isEnvFile(path) && !(await isTakenBack(text, texts, shape))) return refused
  return { text: before === null && text.trim() === '' ? null : text, conflicts, numbers }
}

/** Any part of such a file is a valid file, so one of ours stays for the lines that were added to it. */
function isList(path: string): boolean {
  return isEnvFile(path) || path.endsWith('.gitignore')
}

const MODULE = /\.[cm]?[jt]sx?$/

/** The numbers of code, and those of a connection string's parameters. */
function withoutNumbers(path: string): (line: string) => string {
  if (isEnvFile(path)) return (line) => line.replace(/([?&]\w+=)\d+/g, '$10')
  return MODULE.test(path) ? (line) => line.replace(/\b\d[\d_]*\b/g, '0') : String
}

type Texts = Record<'before' | 'after' | 'now', string>

/** Whether those that read the file still can. */
async function isSound(path: string, text: string, texts: Texts): Promise<boolean> {
  if (path.endsWith('.prisma')) return parsesLike(text, [texts.before, texts.now])
  if (!MODULE.test(path)) return true
  try {
    const parse = await loadParser()
    parse(text, path)
    return true
  } catch {
    return false
  }
}
