import { decode } from './encoding.ts'
import { type Layout, layoutOf, slice } from './layout.ts'

const WORDS = new Set(
  `your my the db database password passwd pass pwd user username name role host hostname server port ref reference
  project region aws index key api secret token endpoint id branch cluster instance pool pooler dbname here actual
  example insert enter replace me with url account tenant string`.split(/\s+/),
)
const VARIABLE = /\$\{[^}]*\}+|\{\{[^}]*\}\}|\$\([A-Za-z_]\w*\)/
const BRACKETED = /\[[^\][\s@/:]{2,40}\]|<[^<>@/]{2,40}>|\{[^{}@/]{2,40}\}|__[A-Z_]{2,40}__/g
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
export function findPlaceholder(text: string): Placeholder | null {
  if (VARIABLE.test(text)) return 'variable'
  const layout: Partial<Layout> = layoutOf(text) ?? {}
  const { password = null, user, hosts: [host] = [], params = [] } = layout
  const isBracketed = [...text.matchAll(BRACKETED)].some(({ 0: whole, index }) => {
    const isInPassword = password && index >= password.start && index < password.end
    return isVocabulary(whole) && (!isInPassword || whole === slice(text, password))
  })
  if (isBracketed || TEMPLATES.some((template) => template.test(text))) return 'placeholder'
  const secrets = params.filter(({ name }) => /key|password|token/i.test(slice(text, name)))
  const parts = [password, user, host?.name, host?.port, ...secrets.map(({ value }) => value)]
  const sorts = parts.flatMap((part) => (part && sortOf(decode(slice(text, part)))) ?? [])
  return sorts[0] ?? null
}

function sortOf(value: string): Placeholder | null {
  if (/^\$[A-Z_][A-Z0-9_]{2,}$/.test(value)) return 'variable'
  if (HIDDEN.test(value)) return 'hidden'
  return isShouted(value) || (/^\[[^:]*\]$/.test(value) && isVocabulary(value)) ? 'placeholder' : null
}

/** `YOUR_PASSWORD`, `your-password`, `PASSWORD`, `API_KEY`: bare words only count when nothing else can be meant. */
function isShouted(value: string): boolean {
  if (!/^[A-Za-z_-]{4,}$/.test(value) || !isVocabulary(value)) return false
  return /^(your|my|the|insert|enter|replace)[_-]?./i.test(value) || value === value.toUpperCase()
}

function isVocabulary(text: string): boolean {
  const words = text
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
