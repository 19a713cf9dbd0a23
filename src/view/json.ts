import type { App } from '../app/app.ts'
import { ActionableError, EXIT } from '../base/errors.ts'
import type { Known } from '../base/known.ts'
import type { Plan } from '../plan/types.ts'
import type { ProviderId } from '../providers/types.ts'
import { exitCodeOf } from './errors.ts'
import { planMasks } from './mask.ts'
import { commandLine } from './plan.ts'

export type Status = 'planned' | 'applied' | 'unchanged' | 'refused' | 'failed' | 'undone'
export type CommandStatus = 'planned' | 'done' | 'failed'

/** What `--json` prints; `schemaVersion` grows with every change that a reader would notice. */
export interface JsonDocument {
  schemaVersion: 1
  command: string
  status: Status
  app: { framework: string; version: string; prisma: string; packageManager: string } | null
  provider: ProviderId | null
  files: { path: string; action: 'create' | 'update' | 'delete'; diff: string }[]
  env: { name: string; file: string; value: string }[]
  packages: { add: string[]; remove: string[] }
  commands: { command: string; status: CommandStatus }[]
  hostEnv: {
    name: string
    why: string
    value: string | null
    add: Record<string, string>
    remove: string[]
  }[]
  warnings: { code: string; message: string }[]
  refusals: { path: string; reason: string; snippet: string }[]
  next: string[]
  error?: { code: string; message: string }
  /** Of `doctor --explain`. */
  explained?: readonly Known[]
}

export interface JsonInput {
  command: string
  status: Status
  app: Pick<App, 'framework' | 'version' | 'prisma' | 'packageManager'>
  provider: ProviderId | null
  plan: Plan
  /** What became of each of the plan's commands, in their order; 'planned' where it is not told. */
  commands?: readonly CommandStatus[]
}

/** What a run was about, as far as it got. */
export interface Subject {
  app: JsonInput['app'] | null
  provider: ProviderId | null
}

/** The plan as data, secrets masked. */
export async function toJson({
  command,
  status,
  app,
  provider,
  plan,
  commands = [],
}: JsonInput): Promise<JsonDocument> {
  const masks = planMasks(plan)
  const { fileDiff } = await import('./diff.ts')
  return {
    schemaVersion: 1,
    command,
    status,
    app: appToJson(app),
    provider,
    files: plan.files.map((change) => {
      const { path, action, text } = fileDiff(change, masks.file)
      return { path, action, diff: text }
    }),
    env: plan.env.map(({ name, file, value }) => ({ name, file, value: masks.value(value) })),
    packages: {
      add: plan.packages.add.map(({ name, range }) => `${name}@${range}`),
      remove: [...new Set(plan.packages.remove.map(({ name }) => name))],
    },
    commands: plan.commands.map((each, index) => ({
      command: commandLine(each),
      status: commands[index] ?? 'planned',
    })),
    hostEnv: plan.hostEnv.map(({ name, why, value, add, remove }) => ({
      name,
      why: masks.text(why),
      value: value === null ? null : masks.value(value),
      add,
      remove,
    })),
    warnings: plan.warnings.map(({ code, message }) => ({ code, message: masks.text(message) })),
    refusals: plan.refusals.map(({ path, reason, line, snippet }) => ({
      path,
      reason: masks.text(line === undefined ? reason : `line ${line}: ${reason}`),
      snippet: masks.text(snippet),
    })),
    next: plan.next.map(masks.text),
  }
}

function appToJson({ framework, version, prisma, packageManager }: JsonInput['app']): JsonDocument['app'] {
  return { framework, version, prisma: prisma.version, packageManager }
}

/** A document with nothing in it. */
export function blank(command: string, status: Status): JsonDocument {
  return {
    schemaVersion: 1,
    command,
    status,
    app: null,
    provider: null,
    files: [],
    env: [],
    packages: { add: [], remove: [] },
    commands: [],
    hostEnv: [],
    warnings: [],
    refusals: [],
    next: [],
  }
}

/** The same document for a run that ended in an error; `mask` hides the secrets of the run's inputs. */
export function errorToJson(
  command: string,
  error: unknown,
  mask: (text: string) => string,
  { app = null, provider = null }: Partial<Subject> = {},
): JsonDocument {
  const known = error instanceof ActionableError
  return {
    ...blank(command, known && exitCodeOf(error) !== EXIT.failed ? 'refused' : 'failed'),
    app: app && appToJson(app),
    provider,
    next: known && error.fix !== undefined ? [mask(error.fix)] : [],
    error: {
      code: known ? error.code : 'unexpected',
      message: known ? mask(error.message) : 'Something unexpected went wrong; run again with --verbose.',
    },
  }
}

/** One line-broken document. What a terminal would obey is escaped, so that it can be looked at too. */
export function printJson(document: JsonDocument): string {
  const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  return `${JSON.stringify(document, null, 2).replace(OBEYED, escaped)}\n`
}

const OBEYED = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g
