import type { App } from '../app/app.ts'
import { ActionableError, EXIT } from '../base/errors.ts'
import { emptyPlan, type Plan } from '../plan/types.ts'
import type { ProviderId } from '../providers/types.ts'
import { fileDiff } from './diff.ts'
import { exitCodeOf } from './errors.ts'
import { planMasks } from './mask.ts'
import { commandLine } from './plan.ts'

export type Status = 'planned' | 'applied' | 'unchanged' | 'refused' | 'failed' | 'undone'
export type CommandStatus = 'planned' | 'done' | 'failed'

/** What a run was about, as far as it got. */
export interface Subject {
  app?: Pick<App, 'framework' | 'version' | 'prisma' | 'packageManager'> | null
  provider?: ProviderId | null
}

interface JsonInput extends Subject {
  command: string
  status: Status
  plan?: Plan
  /** What became of each of the plan's commands, in their order; 'planned' by default. */
  commands?: readonly CommandStatus[]
}

/** What `--json` prints, secrets masked; `schemaVersion` grows with every change that a reader would notice. */
export type JsonDocument = ReturnType<typeof toJson> & { error?: { code: string; message: string } }

export function toJson({ command, status, app = null, provider = null, plan = emptyPlan(), commands = [] }: JsonInput) {
  const masks = planMasks(plan)
  return {
    schemaVersion: 1,
    command,
    status,
    app: app && {
      framework: app.framework,
      version: app.version,
      prisma: app.prisma.version,
      packageManager: app.packageManager,
    },
    provider,
    files: plan.files.map((change) => {
      const { path, action, text, newMode } = fileDiff(change, masks.file)
      return { path, action, diff: newMode === null ? text : `new mode 100${newMode}\n${text}` }
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

/** The same document for a run that ended in an error; `mask` hides the secrets of the run's inputs. */
export function errorToJson(
  command: string,
  error: unknown,
  mask: (text: string) => string,
  subject: Subject = {},
): JsonDocument {
  const known = error instanceof ActionableError
  return {
    ...toJson({ ...subject, command, status: known && exitCodeOf(error) !== EXIT.failed ? 'refused' : 'failed' }),
    next: known && error.fix !== undefined ? [mask(error.fix)] : [],
    error: {
      code: known ? error.code : 'unexpected',
      message: known ? mask(error.message) : 'Something unexpected went wrong; run again with --verbose.',
    },
  }
}

/** One line-broken document. What a terminal would obey is escaped, so that it can be looked at too. */
export function printJson(document: object): string {
  const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  return `${JSON.stringify(document, null, 2).replace(OBEYED, escaped)}\n`
}

const OBEYED = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g
