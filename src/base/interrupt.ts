/** The part of `process` that is listened to. */
export interface SignalSource {
  on(name: NodeJS.Signals, listener: () => void): unknown
  off(name: NodeJS.Signals, listener: () => void): unknown
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Runs `work` with a signal that the first Ctrl-C (or request to end) aborts, so that it can come to a clean end. The
 * second one does what it always does.
 */
export async function interruptible<T>(
  source: SignalSource,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController()
  const listener = () => {
    stopListening()
    controller.abort()
  }
  const stopListening = () => {
    for (const name of SIGNALS) source.off(name, listener)
  }
  for (const name of SIGNALS) source.on(name, listener)
  try {
    return await work(controller.signal)
  } finally {
    stopListening()
  }
}
