import { ActionableError } from '../base/errors.ts'
import { interrupted } from '../base/interrupt.ts'
import type { RunResult } from '../base/ports.ts'
import { PINS } from './pins.ts'

export function failure(code: string, message: string, fix: string): ActionableError {
  return new ActionableError(message, { code, fix })
}

export function interruptedMeanwhile(): ActionableError {
  return interrupted('Interrupted. Nothing was changed, and what was started is stopped.')
}

const NO_NETWORK =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|EIDLETIMEOUT|ENOTCACHED)\b/

/**
 * Why npm couldn't download something, as far as its error code says. npm's own text is not repeated: it may hold a registry's
 * address with a password.
 */
export function npmFailure(result: RunResult, what: string, tool = 'npm'): ActionableError {
  const output = `${result.stderr}\n${result.stdout}`
  if (result.exitCode === -1 && /\bENOENT\b/.test(output))
    return failure(
      'npm-missing',
      `${tool} was not found; it is needed to download ${what}.`,
      'Install npm (it comes with Node: https://nodejs.org), then run the same command again.',
    )
  if (NO_NETWORK.test(output))
    return failure(
      'offline',
      `${what} must be downloaded once, and the npm registry cannot be reached. Nothing was changed.`,
      'Connect to the network (or set npm up for your proxy) and run the same command again.',
    )
  const code = /npm (?:error|ERR!) code (\w+)/.exec(output)?.[1]
  return failure(
    'npm-failed',
    `${tool} could not download ${what}${code ? ` (${code})` : ''}. Nothing was changed.`,
    'Run `npm doctor`, then the same command again. A registry of your own must have the package.',
  )
}

export function isPortTaken(message: string): boolean {
  return /Port `?\d+`? (?:is not available|belongs)|EADDRINUSE/.test(message)
}

export function isLocked(message: string): boolean {
  return /is already running|already being held|ELOCKED/.test(message)
}

/** Why a server did not start, from what it said. */
export function startFailure(name: string, message: string): ActionableError {
  const said = message.replace(/\s+/g, ' ').trim().slice(0, 200)
  if (/No such built-in module|does not provide an export named/.test(message))
    return failure(
      'node-unsupported',
      `prisma dev ${PINS.prismaDev} does not run on this Node: ${said}`,
      'Use Node 20.20, 22.23, 24.21 or later of these majors.',
    )
  if (isLocked(message))
    return failure(
      'stale-lock',
      `${name} is locked by another process.`,
      'Wait fifteen seconds, after which an abandoned lock expires, and run the same command again.',
    )
  return failure(
    'server-failed',
    `${name} did not start: ${said}`,
    `Run \`npx prisma dev --name ${name} --debug\` to see why.`,
  )
}
