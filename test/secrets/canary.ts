import { encode } from '../../src/connection/encoding.ts'

/** A password with everything that has to be written differently somewhere. */
export const CANARY = 'c4n4ry P@ss/w0rd+#é%1'

/** What a message that shortens would leave of it. */
const BEGINNING = CANARY.slice(0, 8)

/** The canary as it may be found: whole or in part, as JSON, percent-encoded by any rule, in base64 and in hexadecimal. */
export const FORMS: Record<string, RegExp> = {
  'cut off after a few characters': anyOf(
    [BEGINNING, JSON.stringify(BEGINNING).slice(1, -1), encode(BEGINNING), formEncoded(BEGINNING)].map(literal),
  ),
  whole: literal(CANARY),
  'without its first or last characters': literal(CANARY.slice(2, -3)),
  'as JSON': literal(JSON.stringify(CANARY).slice(1, -1)),
  'percent-encoded': new RegExp(`${escaped(encode(CANARY))}|${escaped(encodeURIComponent(CANARY))}`, 'i'),
  'percent-encoded twice': new RegExp(escaped(encodeURIComponent(encodeURIComponent(CANARY))), 'i'),
  'form-encoded': literal(formEncoded(CANARY)),
  'in hexadecimal': new RegExp(Buffer.from(CANARY).toString('hex'), 'i'),
  'in base64': base64Of(CANARY),
  'percent-encoded in base64': base64Of(encode(CANARY)),
}

/** The names of the forms that a text holds. */
export function formsIn(text: string): string[] {
  return Object.entries(FORMS).flatMap(([name, form]) => (form.test(text) ? [name] : []))
}

/** Whatever stands around it: only the groups of characters that are the canary's alone, for each way that it can fall. */
function base64Of(text: string): RegExp {
  const bytes = Buffer.from(text)
  const cores = [0, 1, 2].map((offset) => {
    const whole = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '')
    const core = whole.slice(offset === 0 ? 0 : 4, Math.floor(((offset + bytes.length) * 8) / 24) * 4)
    return escaped(core)
      .replace(/\\\+|-/g, '[+-]')
      .replace(/\\?\/|_/g, '[/_]')
  })
  return new RegExp(cores.join('|'))
}

function formEncoded(text: string): string {
  return new URLSearchParams({ a: text }).toString().slice(2)
}

function anyOf(patterns: readonly RegExp[]): RegExp {
  return new RegExp(patterns.map(({ source }) => source).join('|'), 'i')
}

function literal(text: string): RegExp {
  return new RegExp(escaped(text))
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
}
