import { readEnv } from '../../codemods/env/dotenv-lex.ts'
import { isCommittedEnvFile, isTakenName, nodeEnvOf, RUNTIME, TEST } from '../../codemods/env/files.ts'
import { envOf } from '../app/app.ts'
import { frameworkCommand } from '../app/commands.ts'
import { spell } from '../base/shell.ts'
import { isLocal, readUrl } from '../connection/connection-string.ts'
import { findPlaceholder } from '../connection/placeholders.ts'
import { isNear } from '../providers/tls.ts'
import type { Target } from '../providers/types.ts'
import type { Held } from './development.ts'
import type { PlanDraft } from './draft.ts'
import type { PlanInput } from './input.ts'
import type { Names } from './names.ts'

/** Warns of facts about the app that are worth knowing before anything is written. */
export function planWarnings(
  draft: PlanDraft,
  input: PlanInput,
  target: Target,
  names: Names,
  { envFile, runtimeUrl }: Held,
): void {
  warnOfMovedNames(draft, input, names)
  if (envFile !== null && runtimeUrl !== null) warnOfRemote(draft, input, envFile, runtimeUrl)
  warnOfGuess(draft, input)
  warnOfExposedEnvFile(draft, input, envFile)
  warnOfCommittedSecrets(draft, input)
  warnOfOverridingEnvFiles(draft, input, names, envFile ?? '.env')
  warnOfInlinedVariables(draft, input, names)
  warnOfMissingTestDatabase(draft, input, target)
}

/** A host that sets the old name, and nothing else, would leave the app without a URL. */
function warnOfMovedNames(draft: PlanDraft, { today }: PlanInput, { runtime, direct }: Names): void {
  const moved = [
    { from: today.names.runtime, to: runtime, why: 'is left alone by tests, which replace DATABASE_URL only' },
    { from: today.names.direct, to: direct, why: null },
  ]
  for (const { from, to, why } of moved) {
    if (from === null || from === to || to === null || from === RUNTIME || (why === null && !isTakenName(from)))
      continue
    const reason = isTakenName(from) ? 'means something else to the framework, its tests or Prisma' : why
    draft.warn('name-moved', `${from} ${reason}, so the app reads ${to} from now on: set that wherever it runs.`)
  }
}

/** Some commands work on the database in the env file, and no file of ours can keep them from it. */
function warnOfRemote(draft: PlanDraft, { app }: PlanInput, envFile: string, runtimeUrl: string): void {
  const url = readUrl(runtimeUrl)
  if (url === null || isLocal(url)) return
  const spelled = (...args: string[]) => `\`${spell(frameworkCommand(app, ...args))}\``
  draft.warn(
    'env-is-remote',
    `${envFile} leads to a database that isn't on this machine: ${spelled('prisma', 'migrate', 'reset')} and ${spelled('exec', 'seed')} work on it, and Jest or Vitest started ` +
      `without ${spelled('test')} and with SKIP_DB_PUSH=1 deletes its rows. For a production database, start again with --dotenv none.`,
  )
}

function warnOfGuess(draft: PlanDraft, { app: { prisma } }: PlanInput): void {
  if (!prisma.guessed) return
  draft.warn(
    'prisma-version-guessed',
    `Prisma ${prisma.version} is a guess from the framework's version: nothing is installed or locked, and no package.json names it. Install first to be sure.`,
  )
}

function warnOfExposedEnvFile(draft: PlanDraft, { git }: PlanInput, envFile: string | null): void {
  if (envFile === null) return
  if (git.tracked.has(envFile)) {
    draft.warn(
      'env-file-tracked',
      `git tracks ${envFile}, so its secrets are in the history. Take it out: git rm --cached ${envFile}`,
    )
  } else if (git.inRepository && !git.ignored.has(envFile)) {
    draft.warn('env-file-not-ignored', `git does not ignore ${envFile}. Add a line \`${envFile}\` to .gitignore.`)
  }
}

/** Everyone who can read the repository, now or later, can read that database. */
function warnOfCommittedSecrets(draft: PlanDraft, { today }: PlanInput): void {
  for (const [path, text] of today.snapshot.files) {
    if (!isCommittedEnvFile(path)) continue
    for (const { name, value, line } of readEnv(text)) {
      const url = readUrl(value)
      if (url === null || url.password === null || isNear(url) || findPlaceholder(value)) continue
      draft.warn(
        'committed-secret',
        `${path}:${line}: ${name} holds a password, in a file that is meant for git. Take it out, and change the password.`,
      )
    }
  }
}

/** Both frameworks let `.env.<NODE_ENV>` win over `.env` and over the shell, in test runs too. */
function warnOfOverridingEnvFiles(draft: PlanDraft, { app }: PlanInput, names: Names, envFile: string): void {
  const ours = new Set([names.runtime, names.direct, TEST])
  for (const [path, text] of app.snapshot.files) {
    const nodeEnv = nodeEnvOf(path)
    if (nodeEnv === null || path === envFile) continue
    const set = readEnv(text).filter(({ name }) => ours.has(name))
    if (set.length === 0) continue
    const list = [...new Set(set.map(({ name, line }) => `${name} (line ${line})`))].join(', ')
    draft.warn(
      'env-file-overrides',
      `${path} sets ${list} and wins over ${envFile} and the shell when NODE_ENV is ` +
        `"${nodeEnv}"${nodeEnv === 'production' ? ', over the variables on the host as well' : ''}, in tests too, and Jest or Vitest by itself resets what it says. Take those lines out, or make sure that tests may reset that database.`,
    )
  }
}

function warnOfInlinedVariables(draft: PlanDraft, { app }: PlanInput, names: Names): void {
  const secret = new Set([names.runtime, names.direct, names.replicas])
  for (const { name, line } of app.inlined) {
    if (!secret.has(name)) continue
    draft.warn(
      'inlined-in-web-bundle',
      `${app.paths.toml}:${line} lists ${name} in includeEnvironmentVariables: every visitor of the site can read it. ` +
        'Take it out of the list, then change the password.',
    )
  }
}

function warnOfMissingTestDatabase(draft: PlanDraft, { app, answers }: PlanInput, target: Target): void {
  if (answers.test !== null || target.kind === 'sqlite') return
  if ((envOf(app.snapshot.files).get(TEST) ?? '') !== '') return
  const command = app.framework === 'redwood' ? 'yarn rw test' : 'cedar test'
  draft.warn(
    'no-test-database',
    `TEST_DATABASE_URL is not set: \`${command}\` falls back to a SQLite file, which ${target.kind} refuses, so tests ` +
      'fail (and touch no database). Give them their own database in TEST_DATABASE_URL.',
  )
}
