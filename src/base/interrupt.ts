import { ActionableError, EXIT } from './errors.ts'
import type { Terminal } from './ports.ts'

/** The part of `process` that is listened to. */
export interface SignalSource {
  on(name: NodeJS.Signals, listener: () => void): unknown
  off(name: NodeJS.Signals, listener: () => void): unknown
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Yarn, npx and a shell pass on what the terminal has sent to all of us already: that isn't a second Ctrl-C. */
const SAME_PRESS = 1_000

/**
 * Runs `work` with a terminal whose signal the first Ctrl-C (or request to end) aborts, so that it can come to a clean
 * end. The second one ends the process, as it always does.
 */
export async function interruptible<I extends { signals: SignalSource; terminal: Terminal }, T>(
  io: I,
  work: (io: I) => Promise<T>,
): Promise<T> {
  if (io.terminal.signal) return work(io)
  const controller = new AbortController()
  const listener = () => {
    controller.abort()
    // Not at once: a library that finds its own listener alone ends the process.
    setTimeout(stopListening, SAME_PRESS).unref()
  }
  const stopListening = () => {
    for (const name of SIGNALS) io.signals.off(name, listener)
  }
  for (const name of SIGNALS) io.signals.on(name, listener)
  try {
    return await work({ ...io, terminal: { ...io.terminal, signal: controller.signal } })
  } finally {
    if (!controller.signal.aborted) stopListening()
  }
}

export function interrupted(message: string): ActionableError {
  return new ActionableError(message, { code: 'interrupted', exitCode: EXIT.interrupted })
}
