/** One `"key": value`. Offsets are into the text; the spans include quotes and brackets. */
export interface JsonMember {
  key: string
  keyStart: number
  keyEnd: number
  valueStart: number
  valueEnd: number
}

export interface JsonObject {
  /** Offsets of the brackets. */
  open: number
  close: number
  members: JsonMember[]
}

/** Where the members of the object at `open` stand. The text has to be valid JSON there. */
export function scanJsonObject(text: string, open: number): JsonObject {
  const members: JsonMember[] = []
  let position = skipSpace(text, open + 1)
  while (text[position] !== '}') {
    const keyEnd = skipString(text, position)
    const valueStart = skipSpace(text, skipSpace(text, keyEnd) + 1)
    const valueEnd = skipValue(text, valueStart)
    members.push({
      key: JSON.parse(text.slice(position, keyEnd)),
      keyStart: position,
      keyEnd,
      valueStart,
      valueEnd,
    })
    position = skipSpace(text, valueEnd)
    if (text[position] === ',') position = skipSpace(text, position + 1)
  }
  return { open, close: position, members }
}

function skipSpace(text: string, from: number): number {
  return from + /^[ \t\r\n]*/.exec(text.slice(from))![0].length
}

function skipString(text: string, from: number): number {
  let position = from + 1
  while (text[position] !== '"') position += text[position] === '\\' ? 2 : 1
  return position + 1
}

function skipValue(text: string, from: number): number {
  let depth = 0
  let position = from
  do {
    const char = text[position]!
    if (char === '"') position = skipString(text, position)
    else {
      if (char === '{' || char === '[') depth += 1
      if (char === '}' || char === ']') depth -= 1
      position += 1
    }
  } while (depth > 0)
  const first = text[from]!
  return '{["'.includes(first) ? position : from + /^[^\s,\]}]*/.exec(text.slice(from))![0].length
}
