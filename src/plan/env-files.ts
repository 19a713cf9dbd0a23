import { ACCELERATE_URL } from '../../codemods/accelerate/in-use.ts'
import { editEnv } from '../../codemods/env/dotenv.ts'
import { checkEnv } from '../../codemods/env/dotenv-check.ts'
import { readEnv } from '../../codemods/env/dotenv-lex.ts'
import { isLoadedEnvFile, RUNTIME, TEST } from '../../codemods/env/files.ts'
import type { EnvPlaceholder, EnvRemove, EnvTarget } from '../../codemods/env/target.ts'
import { addedShadow, type ShadowTarget } from '../../codemods/schema/target.ts'
import { type CodemodResult, lineEnding, lineStart } from '../../codemods/text/edit.ts'
import { readUrl } from '../connection/connection-string.ts'
import { withParams } from '../connection/edit.ts'
import type { DatabaseKind } from '../connection/kinds.ts'
import { isNear, pgTls } from '../providers/tls.ts'
import { COMMENTS, underComment } from './comments.ts'
import type { Held } from './development.ts'
import type { PlanDraft } from './draft.ts'
import type { Names } from './names.ts'
import type { EnvValue } from './types.ts'

interface EnvInput extends Held {
  kind: DatabaseKind
  accelerate: boolean
  names: Names
  shadow: ShadowTarget
  testUrl: string | null
  replicaUrls: readonly string[]
  /** The code asks for TLS where a URL says nothing, which servers on this machine have not. */
  isTlsInCode: boolean
  comments: readonly string[]
}

/** A variable of the plan, with what stands above it in an env file; `null` for one that there is none of. */
interface Row {
  name: string
  value: string | null
  comment: string
}

function rowsOf({ names, shadow, ...input }: EnvInput): Row[] {
  const rows = [
    { name: names.runtime, value: input.runtimeUrl, comment: COMMENTS.runtime },
    { name: names.direct, value: input.directUrl, comment: COMMENTS.direct },
    { name: addedShadow(shadow), value: input.shadowUrl, comment: COMMENTS.shadow },
    { name: names.replicas, value: input.replicaUrls.join(',') || null, comment: COMMENTS.replicas },
    { name: TEST, value: input.testUrl, comment: COMMENTS.test },
  ]
  return rows.flatMap(({ name, ...row }) => (name === null ? [] : [{ ...row, name }]))
}

export function planEnvFiles(draft: PlanDraft, input: EnvInput): EnvValue[] {
  const { envFile } = input
  const rows = rowsOf(input)
  const set = rows.flatMap(({ value, ...row }) => (value === null || envFile === null ? [] : { ...row, value }))
  if (envFile !== null) planValues(draft, input, envFile, set)
  if (input.isTlsInCode) sayNoTls(draft, input)
  commentDefault(draft, input)
  planExample(draft, input, rows)
  return set.map(({ name, value }) => ({ name, value, file: envFile! }))
}

/** `sslmode=disable` for the servers on this machine, in any env file. */
function sayNoTls(draft: PlanDraft, { names }: EnvInput): void {
  for (const [path, text] of draft.files) {
    if (!isLoadedEnvFile(path)) continue
    const set = readEnv(text).flatMap(({ name, value }) => {
      const url = readUrl(value)
      const isOurs = name === names.runtime || name === TEST
      if (!isOurs || url === null || !/^postgres/.test(url.scheme) || !isNear(url)) return []
      return [{ name, value: withParams(url.text, pgTls(url, { sslInCode: true })) }]
    })
    editFile(draft, path, { set })
  }
}

function planValues(draft: PlanDraft, input: EnvInput, file: string, set: readonly (Row & { value: string })[]): void {
  if (draft.text(file) === null) {
    if (set.length === 0) return
    draft.write(file, '', { mode: 0o600 })
  }
  const text = draft.text(file) ?? ''
  editFile(draft, file, {
    set: inOrder(set),
    remove: leftovers(text, set, input.shadow),
    placeholder: testPlaceholder(text, input),
  })
  if (input.comments.length > 0) draft.edit(file, (edited) => commentAbove(edited, input))
}

/** Lines that must be kept even where the assignment itself took the place of a commented-out one. */
function commentAbove(text: string, { names, comments }: EnvInput): CodemodResult {
  const entry = readEnv(text).findLast(({ name }) => name === names.runtime)
  const lines = comments.map((comment) => `# ${comment}`)
  if (!entry || lines.every((line) => text.includes(line))) return { edits: [] }
  const eol = lineEnding(text)
  const start = lineStart(text, entry.start)
  return { edits: [{ start, end: start, text: lines.map((line) => line + eol).join('') }] }
}

function editFile(draft: PlanDraft, file: string, want: EnvTarget): void {
  draft.edit(
    file,
    (text) => editEnv(text, want),
    (before, after) => checkEnv(before, after, want),
  )
}

/** Each below the one before it, where it is not there yet. */
function inOrder<T extends { name: string; comment: string }>(rows: readonly T[]) {
  return rows.map((row, index) => ({ ...row, comment: [row.comment], after: rows[index - 1]?.name }))
}

/**
 * Assignments that an earlier setup wrote and this one has no use for: told from the user's own by our comment above, or
 * in the shadow database's case by where they lead.
 */
function leftovers(text: string, values: readonly { name: string }[], shadow: ShadowTarget): EnvRemove[] {
  const wanted = new Set(values.map(({ name }) => name))
  const old = underComment(text, [COMMENTS.runtime, COMMENTS.direct, COMMENTS.replicas])
    .filter(({ name }) => !wanted.has(name))
    .map(({ name, comment }) => ({ name, comment: [comment] }))
  const isGone = typeof shadow === 'object' && 'remove' in shadow
  return [...old, ...(isGone ? [{ name: shadow.remove, comment: [COMMENTS.shadow] }] : [])]
}

function testPlaceholder(text: string, input: EnvInput): EnvPlaceholder[] {
  const has = readEnv(text).some(({ name, value }) => name === TEST && value !== '')
  if (has || input.testUrl !== null) return []
  const example = exampleUrl(input.kind, 'test_database_name')
  return [{ name: TEST, example, comment: [COMMENTS.test] }]
}

/** A default that leads to nothing any more would be tried by every command that reads it. */
function commentDefault(draft: PlanDraft, { kind, names, accelerate }: EnvInput): void {
  if (kind === 'sqlite') return
  const sqlite = `The schema's provider is ${kind}, which cannot open a SQLite file.`
  const comment = [{ name: names.runtime, reason: sqlite, when: isSqliteFile }]
  if (!accelerate) comment.push({ name: names.runtime, reason: ENDED, when: isAccelerate })
  editFile(draft, '.env.defaults', { comment })
}

const ENDED = 'No query gets through Prisma Accelerate from 2026-12-01 on.'
const isAccelerate = (value: string) => ACCELERATE_URL.test(value)
const isSqliteFile = (value: string) => value.startsWith('file:')

const IN_EXAMPLE: readonly string[] = [COMMENTS.runtime, COMMENTS.direct, COMMENTS.test]

/** The example file is committed: placeholders only. */
function planExample(draft: PlanDraft, { kind, accelerate }: EnvInput, rows: readonly Row[]): void {
  const shown = inOrder(rows.filter(({ comment }) => IN_EXAMPLE.includes(comment)))
  // Where its own lines are active a copy of it has to work.
  const active = readEnv(draft.text('.env.example') ?? '').some(({ name }) => name === RUNTIME)
  editFile(draft, '.env.example', {
    placeholder: shown.map(({ name, comment, after }) => ({
      name,
      comment,
      after,
      example: exampleUrl(kind, name === TEST ? 'test_database' : 'database'),
      outdated: (value) => isSqliteFile(value) || (!accelerate && isAccelerate(value)),
      active,
    })),
  })
}

function exampleUrl(kind: DatabaseKind, database: string): string {
  const scheme = kind === 'mysql' ? 'mysql' : 'postgresql'
  return `${scheme}://USER:PASSWORD@HOST:${kind === 'mysql' ? 3306 : 5432}/${database}`
}
