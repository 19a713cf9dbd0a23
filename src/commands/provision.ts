import { RUNTIME, TEST } from '../../codemods/env/files.ts'
import { envOf } from '../app/app.ts'
import type { Answers } from '../ask/types.ts'
import { ActionableError } from '../base/errors.ts'
import { withProgress } from '../base/progress.ts'
import { type ConnectionString, readUrl } from '../connection/connection-string.ts'
import { withParams } from '../connection/edit.ts'
import type { Brought } from '../plan/input.ts'
import { prismaDevPort, SHADOW } from '../plan/shadow.ts'
import { isPrismaDev } from '../providers/prisma-postgres.ts'
import { LOCAL_PARAMS, LOCAL_REASONS } from '../provision/local-notes.ts'
import { localOptions, type Session } from './session.ts'

/** What was brought up outside of the app before there is a plan. */
export interface Provisioned extends Brought {
  answers: Answers
  /** Takes back what was started, when the run is abandoned. */
  abandon(): Promise<void>
}

const NOTHING = { reasons: [], comments: [], next: [], shadow: null, abandon: async () => {} }

/** Stands for what a dry run does not create. */
const PLACEHOLDERS = {
  local: 'postgres://postgres:postgres@localhost:51214/template1?sslmode=disable',
  shadow: 'postgres://postgres:postgres@localhost:51215/template1?sslmode=disable&connect_timeout=0',
  test: 'postgres://postgres:postgres@localhost:51218/template1?sslmode=disable',
  pooled: 'postgres://USER:SHOWN-WHEN-CREATED@pooled.db.prisma.io:5432/postgres?sslmode=require',
  direct: 'postgres://USER:SHOWN-WHEN-CREATED@db.prisma.io:5432/postgres?sslmode=require',
}

/** Starts or creates the database that the answers ask for; the flag is the consent. Skipped by `--dry-run`. */
export async function provision(answers: Answers, session: Session): Promise<Provisioned> {
  const dry = session.argv.dryRun === true
  if (answers.local) return dry ? localPlaceholder(answers, session) : startLocalServers(answers, session)
  if (answers.localTest) return dry ? testPlaceholder(answers, session) : startTestServer(answers, session)
  if (answers.temporary) return dry ? temporaryPlaceholder(answers) : createTemporaryDatabase(answers, session)
  return { ...NOTHING, answers, shadow: keptShadow(answers, session) }
}

/** Of an app that stays on the local server that it is on. */
function keptShadow({ pooled }: Answers, session: Session): ConnectionString | null {
  return pooled && isPrismaDev(pooled) ? readUrl(localValue(session, SHADOW)) : null
}

/** A variable of the app's env files, as far as it leads to `prisma dev`. */
function localValue(session: Session, name: string): string | null {
  const value = envOf(session.app.snapshot.files).get(name)
  return value !== undefined && prismaDevPort(value) !== null ? value : null
}

async function startLocalServers(answers: Answers, session: Session): Promise<Provisioned> {
  const { io } = session
  const { startLocal } = await import('../provision/local.ts')
  const { development, test, stop } = await withProgress(io.terminal, (onProgress) =>
    startLocal({ ...localOptions(session), onProgress }),
  )
  return {
    ...NOTHING,
    ...withServers(answers, { ...development, testUrl: test.url }, session),
    reasons: LOCAL_REASONS,
    next: [
      ...(answers.envFile === null
        ? []
        : [
            `This database is for development, on this machine alone. Once there is one for production: \`${io.invocation} PROVIDER --local\`.`,
          ]),
      runsUntil(['The servers run', 'them', 'their'], session),
    ],
    abandon: stop,
  }
}

/** For tests alone: where the app's own database is stays as answered. */
async function startTestServer(answers: Answers, session: Session): Promise<Provisioned> {
  const { startLocal } = await import('../provision/local.ts')
  const { test, stop } = await withProgress(session.io.terminal, (onProgress) =>
    startLocal({ ...localOptions(session), onProgress }, ['test']),
  )
  return {
    ...withTest(answers, test.url, session),
    next: [runsUntil(['The test server runs', 'it', 'its'], session)],
    abandon: stop,
  }
}

function testPlaceholder(answers: Answers, session: Session): Provisioned {
  const reasons = ['No test server was started: its port is an example.']
  return { ...withTest(answers, localValue(session, TEST) ?? PLACEHOLDERS.test, session), reasons }
}

function withTest(answers: Answers, url: string, session: Session): Provisioned {
  const shadow = keptShadow(answers, session)
  return { ...NOTHING, answers: { ...answers, test: parsed(limited(url, session)) }, shadow }
}

function runsUntil([run, them, their]: [string, string, string], { io }: Session): string {
  return `${run} until this machine stops or you stop ${them}; \`${io.invocation} local start\` starts ${them} again, on ${their} data.`
}

async function createTemporaryDatabase(answers: Answers, session: Session): Promise<Provisioned> {
  const { io } = session
  const { createTemporary } = await import('../provision/temporary.ts')
  const { run, terminal } = io
  const created = await withProgress(terminal, (onProgress) =>
    createTemporary({ run, env: session.env, signal: terminal.signal, onProgress }),
  )
  // It expires by itself, and nobody but the API's owner can delete it: there is nothing to abandon.
  return {
    ...NOTHING,
    answers: { ...answers, pooled: parsed(created.pooled), direct: parsed(created.direct) },
    reasons: [`The database in ${created.region} is deleted on ${created.expires}, unless it is claimed.`],
    comments: created.comments,
    next: [`To keep the database, claim it before ${created.expires}: the link is in ${answers.envFile}.`],
  }
}

/** The addresses that the servers had, or examples. */
function localPlaceholder(answers: Answers, session: Session): Provisioned {
  const [url, shadowUrl, test] = [RUNTIME, SHADOW, TEST].map((name) => localValue(session, name))
  const testUrl = answers.test?.text ?? test
  const known = url && testUrl && prismaDevPort(url) !== prismaDevPort(testUrl) ? { url, testUrl } : null
  const { local, shadow } = PLACEHOLDERS
  return {
    ...NOTHING,
    ...withServers(
      answers,
      { ...(known ?? { url: local, testUrl: PLACEHOLDERS.test }), shadowUrl: shadowUrl ?? shadow },
      session,
    ),
    reasons: [`No server was started: its ports are ${known ? 'those that it had, if they are free' : 'examples'}.`],
  }
}

function temporaryPlaceholder(answers: Answers): Provisioned {
  return {
    ...NOTHING,
    answers: { ...answers, pooled: parsed(PLACEHOLDERS.pooled), direct: parsed(PLACEHOLDERS.direct) },
    reasons: ['No database was created: its URLs are examples.'],
  }
}

/** With a production answer the servers are for `.env` alone, and the answers stay what the host needs. */
function withServers(
  answers: Answers,
  { url, shadowUrl, testUrl }: { url: string; shadowUrl: string; testUrl: string },
  session: Session,
): Pick<Provisioned, 'answers' | 'shadow' | 'local'> {
  const test = answers.test ?? parsed(limited(testUrl, session))
  if (answers.envFile === null)
    return { answers: { ...answers, test }, shadow: null, local: { url: limited(url, session), shadow: shadowUrl } }
  return { answers: { ...answers, pooled: parsed(url), direct: parsed(url), test }, shadow: parsed(shadowUrl) }
}

/** Prisma's engine reads from the URL what a driver adapter has in the code. */
function limited(url: string, { app }: Session): string {
  return app.prisma.major < 7 ? withParams(url, LOCAL_PARAMS) : url
}

function parsed(text: string): ConnectionString {
  const url = readUrl(text)
  if (url) return url
  throw new ActionableError('The new database has a connection string in an unknown format.', {
    code: 'unknown-url',
    fix: 'Give its URLs yourself: POOLING_DATABASE_URL and POOLING_DIRECT_URL.',
  })
}
