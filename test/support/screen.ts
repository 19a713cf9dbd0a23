export interface Cell {
  character: string
  /** Parameters of the control sequences that are in force, such as `1` for bold and `32` for green. */
  styles: readonly number[]
}

const BLANK: Cell = { character: ' ', styles: [] }

/** What a person sees after a terminal has obeyed some output. Trailing spaces and empty lines at the end are left out. */
export function screenOf(output: string, columns: number): string {
  return cellsOf(output, columns)
    .map((line) => textOf(line).trimEnd())
    .join('\n')
    .trimEnd()
}

export function textOf(line: readonly Cell[]): string {
  return line.map(({ character }) => character).join('')
}

/** Enough of a terminal for prompts, with an endless screen instead of scrolling. */
export function cellsOf(output: string, columns: number): Cell[][] {
  const rows: Cell[][] = [[]]
  let styles: number[] = []
  let row = 0
  let column = 0
  let saved = { row: 0, column: 0 }

  const lineAt = (index: number) => {
    while (rows.length <= index) rows.push([])
    return rows[index]!
  }
  const put = (character: string) => {
    if (column >= columns) {
      row++
      column = 0
    }
    const line = lineAt(row)
    while (line.length < column) line.push(BLANK)
    line[column++] = { character, styles }
  }
  const erase = (line: Cell[], from: number, to: number) => {
    for (let index = from; index < Math.min(to, line.length); index++) line[index] = BLANK
  }
  const control = (letter: string, text: string) => {
    const count = Number(text.split(';')[0]) || 0
    const step = Math.max(count, 1)
    if (letter === 'm') styles = styledBy(styles, text.split(';').map(Number))
    else if (letter === 'A') row = Math.max(row - step, 0)
    else if (letter === 'B') row += step
    else if (letter === 'C') column = Math.min(column + step, columns - 1)
    else if (letter === 'D') column = Math.max(Math.min(column, columns - 1) - step, 0)
    else if (letter === 'G') column = step - 1
    else if (letter === 'K') erase(lineAt(row), count === 0 ? column : 0, count === 1 ? column + 1 : Infinity)
    else if (letter === 'J') for (const line of rows.slice(row + 1)) erase(line, 0, Infinity)
  }

  const tokens = /\u001b\[([\d;?]*)([A-Za-z])|\u001b([78])|\u001b\][^\u0007]*\u0007|([\s\S])/gu
  for (const [, parameters, letter, save, character] of output.matchAll(tokens)) {
    if (letter) control(letter, parameters ?? '')
    else if (save === '7') saved = { row, column }
    else if (save === '8') ({ row, column } = saved)
    else if (character === '\n') row++
    else if (character === '\r') column = 0
    else if (character === '\b') column = Math.max(column - 1, 0)
    else if (character && character >= ' ') put(character)
  }
  return rows
}

/** 22 ends bold and faint, 24 an underline, 39 a colour. https://ecma-international.org/publications-and-standards/standards/ecma-48/ */
function styledBy(styles: readonly number[], codes: readonly number[]): number[] {
  let current = [...styles]
  for (const code of codes) {
    if (code === 0) current = []
    else if (code === 22) current = current.filter((style) => style !== 1 && style !== 2)
    else if (code === 24) current = current.filter((style) => style !== 4)
    else if (code === 39) current = current.filter((style) => style < 30)
    else current.push(code)
  }
  return current
}
