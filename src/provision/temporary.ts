import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { childEnv } from '../base/child-env.ts'
import type { ActionableError } from '../base/errors.ts'
import type { RunResult } from '../base/ports.ts'
import { type ConnectionString, readUrl } from '../connection/connection-string.ts'
import { prismaPostgres } from '../providers/prisma-postgres.ts'
import { failure, interruptedMeanwhile, npmFailure } from './failures.ts'
import type { ProvisionOptions } from './install.ts'
import { PINS } from './pins.ts'

export interface TemporaryOptions extends ProvisionOptions {
  /** Default: this machine's clock, by which the region is chosen. Without any, `create-db` would ask ipapi.co where it is. */
  hoursEast?: number
}

/** A Prisma Postgres database that is deleted after 24 hours unless it is claimed. Both URLs hold its password. */
export interface Temporary {
  direct: string
  pooled: string
  /** ISO 8601, UTC. */
  expires: string
  region: string
  /** Lines to stand above the URLs in the env file. The person who opens the link in them becomes the owner. */
  comments: string[]
}

const TIMEOUT = 180_000

/** Each with the last clock that it is nearest to, in hours east of UTC. https://www.prisma.io/docs/postgres/introduction/npx-create-db */
const REGIONS = [
  ['us-west-1', -7],
  ['us-east-1', -2],
  ['eu-west-3', 0.5],
  ['eu-central-1', 4.5],
  ['ap-southeast-1', 8.5],
  ['ap-northeast-1', 14],
] as const

/**
 * Has Prisma's `create-db` make a temporary database. It runs in an empty folder, because it would read the app's
 * `.env` for its own settings. It reports its use, which can't be turned off, so the user is told.
 * Errors: `offline`, `npm-missing`, `npm-failed`, `create-db-failed`; nothing was changed then.
 */
export async function createTemporary(options: TemporaryOptions): Promise<Temporary> {
  const { run, env, signal, onProgress, hoursEast = -new Date().getTimezoneOffset() / 60 } = options
  // A rough guess will do: the database lives for a day.
  const [region] = REGIONS.find(([, last]) => hoursEast <= last)!
  onProgress(
    `Creating a temporary Prisma Postgres database in ${region} (create-db ${PINS.createDb} asks create-db-temp.prisma.io, and reports its use to Prisma: region, flags, Node and operating system)`,
  )
  const folder = await mkdtemp(join(tmpdir(), 'pooling-'))
  try {
    const argv = ['npx', '--yes', `create-db@${PINS.createDb}`, '--json', '--region', region] as const
    const result = await run([...argv], { cwd: folder, env: childEnv(env, 'npm'), timeout: TIMEOUT, signal })
    if (signal?.aborted) throw interruptedMeanwhile()
    return temporaryFrom(result, region)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function temporaryFrom(result: RunResult, region: string): Temporary {
  const answer = jsonIn(result.stdout)
  if (result.exitCode !== 0 || answer?.success !== true) throw refused(result, answer)
  const given = typeof answer.connectionString === 'string' ? readUrl(answer.connectionString) : null
  const direct = given && urlFor(given, 'direct')
  const pooled = given && urlFor(given, 'pooled')
  const { claimUrl, deletionDate } = answer
  if (!direct || !pooled || !isWebAddress(claimUrl) || !isDate(deletionDate))
    throw failure(
      'create-db-failed',
      'create-db gave an answer that is not understood. What it made is deleted after 24 hours. Nothing was changed.',
      'Run `npx create-db@latest` and pass its URL in POOLING_DIRECT_URL.',
    )
  const expires = new Date(deletionDate).toISOString()
  const comments = [
    `# Temporary Prisma Postgres database (${region}): deleted on ${expires} unless you claim it at`,
    `# ${claimUrl}`,
  ]
  return { direct, pooled, expires, region, comments }
}

function urlFor(url: ConnectionString, role: 'direct' | 'pooled'): string | null {
  const derived = prismaPostgres.derive(url, role)
  return 'url' in derived ? derived.url : null
}

/** A line break in it would become an assignment in the env file. */
function isWebAddress(value: unknown): value is string {
  return typeof value === 'string' && /^https?:\/\/[\x21-\x7e]+$/.test(value)
}

function isDate(value: unknown): value is string {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value))
}

function refused(result: RunResult, answer: Record<string, unknown> | null): ActionableError {
  const said = `${result.stdout}\n${result.stderr}`
  if (/Cannot reach Prisma Postgres API server|fetch failed|timed out after/.test(said))
    return failure(
      'offline',
      'Prisma Postgres cannot be reached from here. Nothing was changed.',
      'Check the network and https://www.prisma-status.com, or take --local, which needs no network after its first use.',
    )
  if (answer === null && /npm (?:error|ERR!)|\bENOENT\b/.test(said))
    return npmFailure(result, `create-db ${PINS.createDb}`, 'npx')
  return failure(
    'create-db-failed',
    `Prisma Postgres made no database${reason(answer)}. Nothing was changed.`,
    'Try again later, or take --local.',
  )
}

/** The service's own words, which may be anything: shortened, and left out where they might hold an address. */
function reason(answer: Record<string, unknown> | null): string {
  const message = typeof answer?.message === 'string' ? answer.message.replace(/\s+/g, ' ').trim() : ''
  return message === '' || message.includes('://') ? '' : ` (${message.slice(0, 120).replace(/\.$/, '')})`
}

function jsonIn(text: string): Record<string, unknown> | null {
  const [start, end] = [text.indexOf('{'), text.lastIndexOf('}')]
  if (start < 0 || end < start) return null
  try {
    return JSON.parse(text.slice(start, end + 1)) as Record<string, unknown>
  } catch {
    return null
  }
}
