import { type Cell, cellsOf, textOf } from '../../support/screen.ts'

const LINE = 19
const CHARACTER = 7.85
const PADDING = 18
const BAR = 34

const CLASSES: Record<number, string> = {
  1: 'bold',
  2: 'faint',
  31: 'red',
  32: 'green',
  33: 'yellow',
  36: 'cyan',
  90: 'faint',
}

/** What is on a terminal's screen as an SVG that reads on light and on dark. */
export function pictureOf(output: string, columns: number, title: string): string {
  const lines = cellsOf(output, columns)
  while (textOf(lines.at(-1) ?? []).trim() === '' && lines.length > 0) lines.pop()
  const width = Math.ceil(columns * CHARACTER) + 2 * PADDING
  const height = BAR + lines.length * LINE + PADDING
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}">
<style>
.window { fill: #fff; stroke: #d0d7de }
.button { fill: #d0d7de }
text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; fill: #24292f }
.bold { font-weight: 600 }
.faint { fill: #6e7781 }
.red { fill: #cf222e }
.green { fill: #1a7f37 }
.yellow { fill: #9a6700 }
.cyan { fill: #1b7c83 }
@media (prefers-color-scheme: dark) {
  .window { fill: #0d1117; stroke: #3d444d }
  .button { fill: #3d444d }
  text { fill: #e6edf3 }
  .faint { fill: #9198a1 }
  .red { fill: #ff7b72 }
  .green { fill: #3fb950 }
  .yellow { fill: #d29922 }
  .cyan { fill: #39c5cf }
}
</style>
<rect class="window" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>
${[20, 38, 56].map((x) => `<circle class="button" cx="${x}" cy="18" r="5"/>`).join('')}
${lines.map((line, index) => lineOf(line, BAR + (index + 0.75) * LINE)).join('\n')}
</svg>
`
}

function lineOf(line: readonly Cell[], y: number): string {
  const parts = runsOf(line).map(({ text, style }) =>
    style === '' ? escaped(text) : `<tspan class="${style}">${escaped(text)}</tspan>`,
  )
  return `<text xml:space="preserve" x="${PADDING}" y="${y}">${parts.join('').trimEnd()}</text>`
}

/** Neighbours of one style. */
function runsOf(line: readonly Cell[]): { text: string; style: string }[] {
  const runs: { text: string; style: string }[] = []
  for (const { character, styles } of line) {
    const style = styles.flatMap((code) => CLASSES[code] ?? []).join(' ')
    const last = runs.at(-1)
    if (last?.style === style) last.text += character
    else runs.push({ text: character, style })
  }
  return runs
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
