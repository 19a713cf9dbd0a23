import type { Terminal } from './ports.ts'

/** The process's own terminal. `CI` set to anything but an empty string, 0 or false means that nobody is there to answer. */
export function processTerminal(env: NodeJS.ProcessEnv = process.env): Terminal {
  const { stdin, stdout, stderr } = process
  for (const stream of [stdin, stdout, stderr]) stream.on('error', ignoreAbsence)
  const ci = env.CI !== undefined && !['', '0', 'false'].includes(env.CI)
  return {
    stdin,
    stdout,
    stderr,
    interactive: Boolean(stdin.isTTY && stdout.isTTY) && !ci,
    color: Boolean(stderr.isTTY) && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb',
  }
}

/** Nobody looks any more: a window was closed, a reader has left. What is at work comes to its end all the same. */
function ignoreAbsence(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EIO' && error.code !== 'EPIPE') throw error
}
