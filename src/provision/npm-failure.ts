import { ActionableError } from '../base/errors.ts'
import type { RunResult } from '../base/ports.ts'

const NO_NETWORK =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|EIDLETIMEOUT|ENOTCACHED)\b/

/**
 * Why npm could not bring something, as far as its code tells. npm's own text is not repeated: it may hold a registry's
 * address with a password.
 */
export function npmFailure(result: RunResult, what: string, tool = 'npm'): ActionableError {
  const output = `${result.stderr}\n${result.stdout}`
  if (result.exitCode === -1 && /\bENOENT\b/.test(output))
    return new ActionableError(`${tool} was not found, which ${what} is downloaded with.`, {
      code: 'npm-missing',
      fix: 'Install npm (it comes with Node: https://nodejs.org), then run the same command again.',
    })
  if (NO_NETWORK.test(output))
    return new ActionableError(
      `${what} has to be downloaded once, and the npm registry cannot be reached. Nothing was changed.`,
      {
        code: 'offline',
        fix: 'Connect to the network (or set npm up for your proxy) and run the same command again.',
      },
    )
  const code = /npm (?:error|ERR!) code (\w+)/.exec(output)?.[1]
  return new ActionableError(`${tool} could not download ${what}${code ? ` (${code})` : ''}. Nothing was changed.`, {
    code: 'npm-failed',
    fix: FIXES[code ?? ''] ?? 'Run `npm doctor`, then the same command again.',
  })
}

const FIXES: Record<string, string> = {
  ENOSPC: 'Free some disk space, then run the same command again.',
  EACCES: "Make npm's cache writable (`npm config get cache` says where it is).",
  E401: 'Log in to your npm registry (`npm login`), then run the same command again.',
  E403: 'Ask for access to the package at your npm registry.',
  E404: 'Your npm registry does not have it: ask for it to be mirrored, or use https://registry.npmjs.org.',
  ETARGET: 'Your npm registry does not have this version yet: ask for it to be mirrored.',
}
