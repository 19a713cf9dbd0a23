import type { Terminal } from './ports.ts'

/** Tells of the steps of long work: on a terminal with the seconds that each takes, elsewhere in plain lines. */
export async function withProgress<T>(
  { stderr }: Pick<Terminal, 'stderr'>,
  work: (step: (message: string) => void) => Promise<T>,
): Promise<T> {
  if (!stderr.isTTY) return work((message) => void stderr.write(`${message}\n`))
  let line = ''
  let seconds = 0
  const draw = () => {
    const text = seconds > 0 ? `${line} (${seconds} s)` : line
    stderr.write(`\r\u001b[K${text.slice(0, stderr.columns)}`)
  }
  const end = () => line !== '' && stderr.write('\n')
  const timer = setInterval(() => {
    seconds++
    draw()
  }, 1000)
  try {
    return await work((message) => {
      end()
      line = message
      seconds = 0
      draw()
    })
  } finally {
    clearInterval(timer)
    end()
  }
}
