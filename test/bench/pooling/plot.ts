import type { Row } from './measure.ts'
import { median } from './median.ts'

const BEFORE = 'before'
const AFTER = 'ours'
const MAX_CONNECTIONS = 100

interface Panel {
  title: string
  of: (row: Row) => number
  top: number
  unit: string
  limit?: { at: number; label: string }
}

const PANELS: Panel[] = [
  { title: 'Failed operations', of: (row) => (100 * row.failed) / row.operations, top: 100, unit: '%' },
  {
    title: 'Connections that PostgreSQL sees',
    of: (row) => row.peakServerConnections,
    top: 115,
    unit: '',
    limit: { at: MAX_CONNECTIONS, label: 'what PostgreSQL takes (max_connections)' },
  },
]

const WIDTH = 760
const PANEL = { width: 330, height: 170, left: 30, top: 84, gap: 40 }
const BAR = 28

/** The first requests of many functions at once, before and after, as an SVG that reads on light and on dark. */
export function plot(rows: Row[]): string {
  const first = rows.filter(({ phase }) => phase !== 'steady')
  const sizes = [...new Set(first.map(({ instances }) => instances))].sort((a, b) => a - b)
  const height = PANEL.top + PANEL.height + 56
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Failed operations and database connections, before and after">
<style>
text { font: 13px system-ui, sans-serif; fill: #24292f }
.title { font-weight: 600; font-size: 15px }
.quiet { fill: #57606a }
.inside { fill: #fff; font-size: 11px }
.axis { stroke: #8c959f }
.limit { stroke: #8c959f; stroke-dasharray: 4 4 }
.before { fill: #cf222e }
.after { fill: #1a7f37 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .quiet { fill: #9198a1 }
  .before { fill: #f85149 }
  .after { fill: #3fb950 }
}
</style>
<rect class="before" x="30" y="18" width="12" height="12" rx="2"/><text x="48" y="29">before: each function connects to PostgreSQL</text>
<rect class="after" x="360" y="18" width="12" height="12" rx="2"/><text x="378" y="29">after: pooling pgbouncer</text>
${PANELS.map((panel, index) => panelSvg(panel, PANEL.left + index * (PANEL.width + PANEL.gap), sizes, first)).join('\n')}
</svg>
`
}

function panelSvg({ title, of, top, unit, limit }: Panel, left: number, sizes: number[], rows: Row[]): string {
  const bottom = PANEL.top + PANEL.height
  const y = (value: number) => bottom - (value / top) * PANEL.height
  const step = PANEL.width / sizes.length
  const bars = sizes.flatMap((size, index) =>
    [BEFORE, AFTER].map((setup, side) => {
      const values = rows.filter((row) => row.setup === setup && row.instances === size).map(of)
      if (values.length === 0) return ''
      const value = median(values)
      const x = left + index * step + step / 2 + (side - 1) * (BAR + 2)
      const style = setup === BEFORE ? 'before' : 'after'
      const inside = value > top / 5
      const label = `<text class="${inside ? 'inside' : 'quiet'}" x="${x + BAR / 2}" y="${y(value) + (inside ? 15 : -5)}" text-anchor="middle">${Math.round(value)}${unit}</text>`
      return `<rect class="${style}" x="${x}" y="${y(value)}" width="${BAR}" height="${Math.max(1, bottom - y(value))}"/>${label}`
    }),
  )
  const ticks = sizes.map(
    (size, index) =>
      `<text x="${left + index * step + step / 2}" y="${bottom + 20}" text-anchor="middle">${size.toLocaleString('en')}</text>`,
  )
  const line = limit
    ? `<line class="limit" x1="${left}" x2="${left + PANEL.width}" y1="${y(limit.at)}" y2="${y(limit.at)}"/><text class="quiet" x="${left}" y="${y(limit.at) - 5}">${limit.label}</text>`
    : ''
  return [
    `<text class="title" x="${left}" y="${PANEL.top - 26}">${title}</text>`,
    ...bars,
    ...ticks,
    line,
    `<line class="axis" x1="${left}" x2="${left + PANEL.width}" y1="${bottom}" y2="${bottom}"/>`,
    `<text class="quiet" x="${left + PANEL.width / 2}" y="${bottom + 42}" text-anchor="middle">functions that start at once</text>`,
  ].join('\n')
}
