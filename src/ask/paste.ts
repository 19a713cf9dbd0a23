import { PassThrough } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'

/** Has the terminal put marks around what is pasted, where it knows how to. */
export const BRACKETED = { on: '\u001b[?2004h', off: '\u001b[?2004l' }

/** Longer than between two parts of a paste, shorter than between two keys that somebody presses. */
const PAUSE = 100

/** Stands for the end of a line inside an answer: the character itself would send it off. */
const LINE_END = '\u2424'
/** What clears a line in a shell, and in `prompts`, which takes the other one for text. */
const CTRL = { U: '\u0015', G: '\u0007' }
const TOKENS = /\u001b\[20[01]~|[\s\S]/gu
/** An Enter that may turn out to be the end of a pasted line, or a mark that isn't complete yet. */
const OPEN_END = /^([\s\S]*?)([\r\n]+|\u001b\[2(?:0[01]?)?)?$/

/**
 * The keys of a terminal for one question, where a paste is one answer however many lines it has, known by its marks or
 * by its pace; no rest of it is left for the next question. A question that takes no text doesn't get what is pasted.
 */
export function keysOf(stdin: NodeJS.ReadStream, takesText: boolean) {
  const setRawMode = (on: boolean) => stdin.setRawMode(on)
  const stream = Object.assign(new PassThrough(), { isTTY: stdin.isTTY, setRawMode })
  const decoder = new StringDecoder('utf8')
  let isPaste = false
  let held = ''
  let timer: NodeJS.Timeout | undefined

  const key = (token: string) => {
    if (token === '\u001b[200~') isPaste = true
    else if (token === '\u001b[201~') isPaste = false
    else if (!takesText) return isPaste ? '' : token
    else if (/[\r\n]/.test(token)) return LINE_END
    else if (!isPaste && token === CTRL.U) return CTRL.G
    else return isPaste && token < ' ' ? '' : token
    return ''
  }
  const enter = () => {
    held = ''
    stream.write('\r')
  }
  const onData = (chunk: Buffer) => {
    clearTimeout(timer)
    const [, text = '', end = ''] = OPEN_END.exec(held + decoder.write(chunk))!
    const typed = (text.match(TOKENS) ?? []).map(key).join('')
    // A terminal without marks pastes what no key types; nor does the end of its line answer anything.
    const isStray = !takesText && typed.includes('://')
    held = isStray ? '' : end
    if (isStray) return
    stream.write(typed)
    if (!/[\r\n]/.test(end)) return
    if (isPaste) {
      held = ''
      stream.write(key('\r'))
    } else timer = setTimeout(enter, takesText ? PAUSE : 0)
  }

  stdin.on('data', onData).resume()
  return {
    stream: stream as unknown as NodeJS.ReadStream,
    close() {
      clearTimeout(timer)
      stdin.off('data', onData).pause()
    },
  }
}

/** An answer with the lines that were pasted. */
export function linesOf(answer: unknown): unknown {
  return typeof answer === 'string' ? answer.replaceAll(LINE_END, '\n') : answer
}
