import { RUNTIME, TEST } from '../../codemods/env/files.ts'
import { envOf } from '../app/app.ts'
import type { Answers } from '../ask/types.ts'
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
const EXAMPLES = {
  url: 'postgres://postgres:postgres@localhost:51214/template1?sslmode=disable',
  shadowUrl: 'postgres://postgres:postgres@localhost:51215/template1?sslmode=disable&connect_timeout=0',
  testUrl: 'postgres://postgres:postgres@localhost:51218/template1?sslmode=disable',
  pooled: 'postgres://USER:SHOWN-WHEN-CREATED@pooled.db.prisma.io:5432/postgres?sslmode=require',
  direct: 'postgres://USER:SHOWN-WHEN-CREATED@db.prisma.io:5432/postgres?sslmode=require',
}

/** The servers that `--local` or a test database asks for, and what is to be said about them. */
interface Servers extends Pick<Brought, 'reasons' | 'next'> {
  /** `null` where only tests get one. */
  development: { url: string; shadowUrl: string } | null
  testUrl: string
  abandon(): Promise<void>
}

/** Starts or creates the database that the answers ask for; the flag is the consent. A dry run gets examples instead. */
export async function provision(answers: Answers, session: Session): Promise<Provisioned> {
  const isDry = session.argv.dryRun === true
  if (answers.local || answers.localTest) {
    const servers = isDry ? exampleServers(answers, session) : await startServers(answers, session)
    return withServers(answers, servers, session)
  }
  if (answers.temporary) return isDry ? temporaryPlaceholder(answers) : createTemporaryDatabase(answers, session)
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

async function startServers({ local, envFile }: Answers, session: Session): Promise<Servers> {
  const { io } = session
  const { startLocal } = await import('../provision/local.ts')
  const { development, test, stop } = await withProgress(io.terminal, (onProgress) =>
    startLocal<'development' | 'test'>({ ...localOptions(session), onProgress }, local ? undefined : ['test']),
  )
  const later = `This database is for development, on this machine alone. Once there is one for production: \`${io.invocation} PROVIDER --local\`.`
  const [run, them, their] = local ? ['The servers run', 'them', 'their'] : ['The test server runs', 'it', 'its']
  return {
    development: local ? development : null,
    testUrl: test.url,
    reasons: local ? LOCAL_REASONS : [],
    next: [
      ...(local && envFile !== null ? [later] : []),
      `${run} until this machine stops or you stop ${them}; \`${io.invocation} local start\` starts ${them} again, on ${their} data.`,
    ],
    abandon: stop,
  }
}

/** The addresses that the servers had, or examples. */
function exampleServers({ local, test }: Answers, session: Session): Servers {
  const [url, shadowUrl, ownTestUrl] = [RUNTIME, SHADOW, TEST].map((name) => localValue(session, name))
  const testUrl = test?.text ?? ownTestUrl
  const isKnown = testUrl && (!local || (url && prismaDevPort(url) !== prismaDevPort(testUrl)))
  const had = isKnown ? { url, testUrl } : EXAMPLES
  return {
    ...NOTHING,
    development: local ? { url: had.url!, shadowUrl: shadowUrl ?? EXAMPLES.shadowUrl } : null,
    testUrl: had.testUrl,
    reasons: [`No server was started: its ports are ${isKnown ? 'those that it had, if they are free' : 'examples'}.`],
  }
}

/** With a production answer the servers are for `.env` alone, and the answers stay what the host needs. */
function withServers(answers: Answers, servers: Servers, session: Session): Provisioned {
  const { development, testUrl, reasons, next, abandon } = servers
  const test = answers.test ?? readUrl(limited(testUrl, session))
  const brought = { ...NOTHING, answers: { ...answers, test }, reasons, next, abandon }
  if (!development) return { ...brought, shadow: keptShadow(answers, session) }
  const { url, shadowUrl } = development
  if (answers.envFile === null) return { ...brought, local: { url: limited(url, session), shadow: shadowUrl } }
  const own = readUrl(url)
  return { ...brought, answers: { ...brought.answers, pooled: own, direct: own }, shadow: readUrl(shadowUrl) }
}

/** Prisma's engine reads from the URL what a driver adapter has in the code. */
function limited(url: string, { app }: Session): string {
  return app.prisma.major < 7 ? withParams(url, LOCAL_PARAMS) : url
}

async function createTemporaryDatabase(answers: Answers, session: Session): Promise<Provisioned> {
  const { createTemporary } = await import('../provision/temporary.ts')
  const { run, terminal } = session.io
  const created = await withProgress(terminal, (onProgress) =>
    createTemporary({ run, env: session.env, signal: terminal.signal, onProgress }),
  )
  // It expires by itself, and nobody but the API's owner can delete it: there is nothing to abandon.
  return {
    ...NOTHING,
    answers: { ...answers, pooled: readUrl(created.pooled), direct: readUrl(created.direct) },
    reasons: [`The database in ${created.region} is deleted on ${created.expires}, unless it is claimed.`],
    comments: created.comments,
    next: [`To keep the database, claim it before ${created.expires}: the link is in ${answers.envFile}.`],
  }
}

function temporaryPlaceholder(answers: Answers): Provisioned {
  return {
    ...NOTHING,
    answers: { ...answers, pooled: readUrl(EXAMPLES.pooled), direct: readUrl(EXAMPLES.direct) },
    reasons: ['No database was created: its URLs are examples.'],
  }
}
