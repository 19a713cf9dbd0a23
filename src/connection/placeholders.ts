import { decode } from './encoding.ts'
import { type Layout, layoutOf, slice } from './layout.ts'

const WORDS = new Set(
  `your my the db database password passwd pass pwd user username name role host hostname server port ref reference
  project region aws index key api secret token endpoint id branch cluster instance pool pooler dbname here actual
  example insert enter replace me with url account tenant string`.split(/\s+/),
)
const VARIABLE = /\$\{[^}]*\}+|\{\{[^}]*\}\}|\$\([A-Za-z_]\w*\)/
const BRACKETED = /\[([^\][\s@/:]{2,40})\]|<([^<>@/]{2,40})>|\{([^{}@/]{2,40})\}|__([A-Z_]{2,40})__/g
/** What consoles show until "show password" is pressed. */
const HIDDEN = /^(?:\*{3,}|•{3,}|●{3,}|x{5,}|\.{3,}|…|-{4,})$/i
/** Values of templates that nobody's database has. */
const TEMPLATES = [
  /^[a-z]+:\/\/johndoe:randompassword@/i,
  /@postgreshost\.com[:/]/i,
  /^[a-z]+:\/\/user:pass(?:word)?@(?:host|hostname|postgreshost)[:/]/i,
]

export type Placeholder = 'variable' | 'hidden' | 'placeholder'

/** Whether something is left in the text that was to be replaced, and of which sort it is. */
export function findPlaceholder(text: string): { sort: Placeholder; where: string } | null {
  const layout = layoutOf(text)
  if (VARIABLE.test(text)) return { sort: 'variable', where: whereIs(text, layout, text.search(VARIABLE)) }
  for (const match of text.matchAll(BRACKETED)) {
    const inner = match[1] ?? match[2] ?? match[3] ?? match[4] ?? ''
    const where = whereIs(text, layout, match.index)
    const isPart = where === 'password' && match[0] !== slice(text, layout!.password!)
    if (isVocabulary(inner) && !isPart) return { sort: 'placeholder', where }
  }
  if (TEMPLATES.some((template) => template.test(text))) return { sort: 'placeholder', where: 'host' }
  return layout && (inPart(text, layout) ?? null)
}

function inPart(text: string, layout: Layout): { sort: Placeholder; where: string } | undefined {
  const parts: [where: string, raw: string][] = [
    ['password', layout.password ? slice(text, layout.password) : ''],
    ['user', layout.user ? slice(text, layout.user) : ''],
    ['host', layout.hosts[0] ? slice(text, layout.hosts[0].name) : ''],
    ['port', layout.hosts[0]?.port ? slice(text, layout.hosts[0].port) : ''],
    ...layout.params.map(({ name, value }): [string, string] => [
      /key|password|token/i.test(slice(text, name)) ? slice(text, name) : '',
      value ? slice(text, value) : '',
    ]),
  ]
  for (const [where, raw] of parts) {
    const value = decode(raw)
    if (!where || !value) continue
    if (/^\$[A-Z_][A-Z0-9_]{2,}$/.test(value)) return { sort: 'variable', where }
    if (HIDDEN.test(value)) return { sort: 'hidden', where }
    if (isShouted(value) || (/^\[[^:]*\]$/.test(value) && isVocabulary(value.slice(1, -1))))
      return { sort: 'placeholder', where }
  }
  return undefined
}

/** `YOUR_PASSWORD`, `your-password`, `PASSWORD`, `API_KEY`: bare words only count when nothing else can be meant. */
function isShouted(value: string): boolean {
  if (!/^[A-Za-z_-]{4,}$/.test(value) || !isVocabulary(value)) return false
  return /^(your|my|the|insert|enter|replace)[_-]?./i.test(value) || value === value.toUpperCase()
}

function isVocabulary(inner: string): boolean {
  const words = inner
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter(Boolean)
  return words.length > 0 && words.every((word) => WORDS.has(word) || isCompound(word))
}

/** `yourpassword`, `dbuser`. */
function isCompound(word: string): boolean {
  return [...WORDS].some((first) => word.startsWith(first) && WORDS.has(word.slice(first.length)))
}

function whereIs(text: string, layout: Layout | null, offset: number): string {
  const within = (span: { start: number; end: number } | null | undefined) =>
    !!span && offset >= span.start && offset < span.end
  if (!layout) return 'text'
  if (within(layout.password)) return 'password'
  if (within(layout.user)) return 'user'
  if (within(layout.path)) return 'database'
  if (within(layout.query)) return 'parameters'
  return offset === 0 && text.length > 0 ? 'text' : 'host'
}
