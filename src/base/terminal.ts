import type { Terminal } from './ports.ts'

/** The process's own terminal. `CI` set to anything but an empty string, 0 or false means that nobody is there to answer. */
export function processTerminal(env: NodeJS.ProcessEnv = process.env): Terminal {
  const { stdin, stdout, stderr } = process
  for (const stream of [stdin, stdout, stderr]) stream.on('error', tell)
  const ci = env.CI !== undefined && !['', '0', 'false'].includes(env.CI)
  return {
    stdin,
    stdout,
    stderr,
    interactive: Boolean(stdin.isTTY && stdout.isTTY) && !ci,
    color: Boolean(stderr.isTTY) && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb',
  }
}

let isTold = false

/** What is at work comes to its end all the same, and has its own exit code. */
function tell({ code }: NodeJS.ErrnoException): void {
  // Nobody looks any more: a window was closed, a reader has left.
  if (isTold || code === 'EIO' || code === 'EPIPE') return
  isTold = true
  process.stderr.write(`The output could not be written (${code}).\n`)
}
