import { tellOfOutput } from './errors.ts'
import type { Terminal } from './ports.ts'

/** The process's own terminal. `CI` set to anything but an empty string, 0 or false means that nobody is there to answer. */
export function processTerminal(): Terminal {
  const { stdin, stdout, stderr, env } = process
  for (const stream of [stdin, stdout, stderr]) stream.on('error', tellOfOutput)
  const ci = env.CI !== undefined && !['', '0', 'false'].includes(env.CI)
  return {
    stdin,
    stdout,
    stderr,
    interactive: Boolean(stdin.isTTY && stdout.isTTY) && !ci,
    color: Boolean(stderr.isTTY) && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb',
  }
}
