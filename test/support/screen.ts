/**
 * What a person sees after a terminal has obeyed some output: enough of a terminal for prompts, with an endless
 * screen instead of scrolling. Trailing spaces and empty lines at the end are left out.
 */
export function screenOf(output: string, columns: number): string {
  const rows: string[][] = [[]]
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
    while (line.length < column) line.push(' ')
    line[column++] = character
  }
  const erase = (line: string[], from: number, to: number) => {
    for (let index = from; index < Math.min(to, line.length); index++) line[index] = ' '
  }
  const control = (letter: string, text: string) => {
    const count = Number(text.split(';')[0]) || 0
    const step = Math.max(count, 1)
    if (letter === 'A') row = Math.max(row - step, 0)
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
    .map((line) => line.join('').trimEnd())
    .join('\n')
    .trimEnd()
}
