import { stripVTControlCharacters } from 'node:util'
import type { ListrTask } from 'listr2'
import type { Terminal } from '../base/ports.ts'

export interface TaskListOptions {
  terminal: Pick<Terminal, 'stderr' | 'color'>
  /** Every line of every command, one below the other. */
  verbose?: boolean
}

/** How a list is drawn: redrawn in place on a terminal, a line for each event elsewhere. */
export type Drawing = 'redrawn' | 'lines' | 'everything'

export function drawingOf({ terminal, verbose }: TaskListOptions): Drawing {
  if (verbose) return 'everything'
  return terminal.stderr.isTTY ? 'redrawn' : 'lines'
}

/** Runs the tasks one after the other and draws them on stderr; throws what one throws that does not say otherwise. */
export async function runTaskList(tasks: ListrTask[], options: TaskListOptions): Promise<void> {
  const listr = await import('listr2')
  const { DefaultRenderer, Listr, ListrLogger, PRESET_TIMER, ProcessOutput, SimpleRenderer, VerboseRenderer } = listr
  // Its own renderer is refused when stdout is piped, which says nothing about stderr.
  class RedrawnOnStderr extends DefaultRenderer {
    static override nonTTY = true
  }
  const renderers = { redrawn: RedrawnOnStderr, lines: SimpleRenderer, everything: VerboseRenderer }
  const stream = facade(options.terminal)
  const drawing = drawingOf(options)
  const logger = new ListrLogger({
    useIcons: drawing !== 'everything',
    processOutput: new ProcessOutput(stream, stream),
  })
  // How long each took is worth a word from a second on.
  const timer = drawing === 'redrawn' ? { ...PRESET_TIMER, condition: (ms: number) => ms >= 1000 } : undefined
  const list = new Listr(tasks, {
    renderer: renderers[drawing],
    rendererOptions: { logger, collapseErrors: false, timer },
    registerSignalListeners: false,
  })
  await list.run()
}

/** The library draws on stdout and decides on colours by it; here both are the business of stderr. */
function facade({ stderr, color }: TaskListOptions['terminal']): NodeJS.WriteStream {
  const clean = stderr.isTTY ? withoutColors : stripVTControlCharacters
  const write = (text: string | Uint8Array, ...rest: never[]) =>
    stderr.write(color || typeof text !== 'string' ? text : clean(text), ...rest)
  const { isTTY, columns, rows } = stderr
  return { write, isTTY, columns, rows } as unknown as NodeJS.WriteStream
}

function withoutColors(text: string): string {
  return text.replace(/\u001b\[[\d;]*m/g, '')
}
