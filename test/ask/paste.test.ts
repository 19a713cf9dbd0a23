import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { keysOf, linesOf } from '../../src/ask/paste.ts'

let terminal: PassThrough
let got = ''

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  terminal = new PassThrough()
})
afterEach(() => vi.useRealTimers())

const type = async (text: string | Buffer) => {
  terminal.write(text)
  await new Promise(setImmediate)
}

/** What reaches a question that takes text, after each part has come and somebody has waited for `pause`. */
async function keys(parts: readonly (string | Buffer)[], pause: number, takesText = true): Promise<string> {
  got = ''
  const { stream, close } = keysOf(terminal as never, takesText)
  stream.on('data', (chunk) => {
    got += chunk
  })
  for (const part of parts) {
    await type(part)
    vi.advanceTimersByTime(pause)
  }
  vi.advanceTimersByTime(1_000)
  await new Promise(setImmediate)
  close()
  return String(linesOf(got))
}

it('takes lines that follow at once as one answer, however they are cut', async () => {
  expect(await keys(['one\rtwo\r'], 0)).toBe('one\ntwo\r')
  expect(await keys(['one\r', 'two\r', '\r'], 20)).toBe('one\ntwo\r')
  expect(await keys(['one\r\n', 'two'], 20)).toBe('one\n\ntwo')
})

it('takes an Enter for what it is', async () => {
  expect(await keys(['one\r', 'two\r'], 200)).toBe('one\rtwo\r')
})

it('goes by the marks of a paste, however they are cut', async () => {
  expect(await keys(['\u001b[200~one\r', 'two\r\u001b[2', '01~'], 200)).toBe('one\ntwo\n')
  expect(await keys(['\u001b[20', '0~a\u0003b\tc\u001b[201~\r'], 200)).toBe('abc\r')
})

it('leaves other keys, and characters that are cut, as they are', async () => {
  const umlaut = Buffer.from('ü')
  expect(await keys(['\u001b[A', '\u001b', umlaut.subarray(0, 1), umlaut.subarray(1)], 0)).toBe('\u001b[A\u001bü')
})

it('keeps a paste from a question that takes no text', async () => {
  expect(await keys(['\u001b[200~yes\r\u001b[201~', 'n'], 0, false)).toBe('n')
  expect(await keys(['\r'], 0, false)).toBe('\r')
  const url = 'postgresql://yes:no@host/db\r'
  expect(await keys([`\u001b[200~${url}\u001b[201~n`], 0, false)).toBe('n')
  expect(await keys([url, 'n'], 0, false)).toBe('n')
})
