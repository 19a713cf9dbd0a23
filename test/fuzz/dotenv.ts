import dotenv from 'dotenv'
import fc from 'fast-check'
import { editEnv, quoteEnvValue } from '../../codemods/env/dotenv.ts'
import { compareValues, valuesByName } from '../../codemods/env/dotenv-check.ts'
import { readCommentedAssignments, readEnv } from '../../codemods/env/dotenv-lex.ts'
import type { EnvTarget } from '../../codemods/env/target.ts'
import { applyEdits, isRefusal } from '../../codemods/text/edit.ts'
import { maskEnvText } from '../../src/view/env-mask.ts'

// ---- what env files look like

const name = fc.constantFrom('DATABASE_URL', 'DIRECT_URL', 'TEST_DATABASE_URL', 'A', 'B.C-d', '_9')
const sign = fc.constantFrom('=', '=', '=', ' = ', '= ', '\t=', ': ')
const eol = fc.constantFrom('\n', '\n', '\r\n', '\r')

const plainValue = fc.constantFrom(
  '',
  'x',
  'file:./dev.db',
  'postgresql://app:pw@db.example.net:5432/app?a=b&c=d',
  'postgres://user:pass@postgreshost.com:5432/database_name',
  `\${OTHER}/x`,
  'a b',
  "it's",
)
const quotedValue = fc.constantFrom('"x"', "'x # y'", '`x`', '""', '"a\nb"', "'a\n# B=1\n'", '"a\\nb"', '"a\\"b"')
const value = fc.oneof(plainValue, quotedValue)
const trailing = fc.constantFrom('', '', '', ' ', ' # note', '# note', "# it's")

const assignment = fc
  .tuple(fc.constantFrom('', '', '  ', '\t'), fc.constantFrom('', '', '', 'export '), name, sign, value, trailing)
  .map((parts) => parts.join(''))
const commented = fc
  .tuple(fc.constantFrom('# ', '#', '## ', '  # '), name, fc.constantFrom('=', ' = '), plainValue, trailing)
  .map((parts) => parts.join(''))
const prose = fc.constantFrom('', '', '# a comment', '#', "# it's a comment", 'not an assignment', '# Note: this')

/** Files as people write them; quotes are closed, mostly. */
export const envText: fc.Arbitrary<string> = fc
  .tuple(fc.array(fc.oneof(assignment, commented, prose), { maxLength: 8 }), eol, fc.boolean(), fc.boolean())
  .map(([lines, ending, final, mark]) => {
    const text = lines.join('\n') + (final ? '\n' : '')
    return (mark ? '\uFEFF' : '') + text.replaceAll('\n', ending)
  })

/** Pieces of env files in any order. */
export const envRubble: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      {
        weight: 6,
        arbitrary: fc.constantFrom('"', "'", '`', '\\', '#', '=', ':', ' ', '\n', '\r\n', '\r', '\t'),
      },
      {
        weight: 4,
        arbitrary: fc.constantFrom('DATABASE_URL', 'A', '=x', 'export ', '# ', '\\n', `\${A}`, '\n#'),
      },
      { weight: 2, arbitrary: fc.oneof(assignment, commented) },
      { weight: 1, arbitrary: fc.constantFrom('\u2028', '\u2029', '\uFEFF', '\u00A0', '\0', '\f', '\v') },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 4 }) },
    ),
    { maxLength: 24 },
  )
  .map((pieces) => pieces.join(''))

const newValue = fc.oneof(
  fc.constantFrom(
    '',
    '1',
    '# x',
    ' ',
    "it's",
    'a\nb',
    'postgresql://app:p%40w@pool.example.net:6543/app?pgbouncer=true',
  ),
  fc.string({ maxLength: 12 }),
)
const lines = fc.option(fc.array(fc.constantFrom('Why.', "It's so.", 'two\nlines', '"'), { maxLength: 2 }), {
  nil: undefined,
})
const after = fc.option(name, { nil: undefined })
const isFile = (text: string) => text.startsWith('file:')
const when = fc.constantFrom(undefined, isFile)

const distinct = <T extends { name: string }>(one: fc.Arbitrary<T>) =>
  fc.uniqueArray(one, { selector: (each) => each.name, maxLength: 3 })

export const envTarget: fc.Arbitrary<EnvTarget> = fc.record({
  set: distinct(fc.record({ name, value: newValue, comment: lines, after })),
  comment: distinct(fc.record({ name, reason: fc.constantFrom('gone', "isn't used"), when })),
  placeholder: distinct(
    fc.record({ name, example: fc.constantFrom('', 'postgres://…'), comment: lines, after, outdated: when }),
  ),
  remove: distinct(fc.record({ name, comment: lines, when })),
})

// ---- what has to hold

function fail(message: string): never {
  throw new Error(message)
}

function edited(text: string, want: EnvTarget): string | null {
  const result = editEnv(text, want)
  return isRefusal(result) ? null : applyEdits(text, result.edits)
}

/** `dotenv.parse` drops what it assigns to `__proto__`. */
function byDotenv(text: string): Map<string, string> {
  return new Map(Object.entries(dotenv.parse(text)))
}

function agreesWithDotenv(text: string): void {
  const ours = readEnv(text).filter((entry) => entry.name !== '__proto__')
  const disagreement = compareValues(byDotenv(text), valuesByName(ours), {})
  if (disagreement !== null) fail(`${disagreement} reads differently`)
  let position = 0
  for (const entry of [...readEnv(text)]) {
    const ordered = position <= entry.start && entry.start < entry.valueStart && entry.valueStart <= entry.valueEnd
    if (!ordered || !text.startsWith(entry.exported ? 'export' : entry.name, entry.start)) fail('spans are wrong')
    if (entry.quote && text[entry.valueStart] !== entry.quote) fail('the quote is not where it should be')
    position = entry.valueEnd
  }
}

function staysRight(text: string, want: EnvTarget): void {
  const after = edited(text, want)
  if (after === null) return
  const wrong = compareValues(byDotenv(text), byDotenv(after), want)
  if (wrong !== null) fail(`${wrong} does not read as intended`)
  const count = (file: string, key: string) => readEnv(file).filter((entry) => entry.name === key).length
  // `NAME:` is no assignment until a line break follows it.
  if (text.endsWith(':')) return
  const doubled = want.set?.find((set) => count(after, set.name) !== Math.max(1, count(text, set.name)))
  if (doubled) fail(`${doubled.name} is assigned once more`)
  if (edited(after, want) !== after) fail('the second run edits again')
}

const CANARY = 'sW0rdf1shBatterySt4ple'

const secret = fc.constantFrom(
  CANARY,
  `postgresql://app:${CANARY}@db.example.net:5432/app?schema=public`,
  `postgresql://app:a#${CANARY}@db.example.net:5432/app`,
  `postgresql://app:a b${CANARY}@db.example.net:5432/app`,
  `prisma://accelerate.example.net/?api_key=${CANARY}`,
  `https://hooks.example.net/${CANARY}`,
  `begin-${CANARY}-end = "x"`,
)
const secretValue = fc.oneof(
  secret,
  secret.map((text) => `"${text.replaceAll('"', '')}"`),
  secret.map((text) => `'${text}'`),
  fc.constantFrom(`"-----BEGIN\n${CANARY}\n-----END"`, `'{\n  "k": "${CANARY}"\n}'`, `"unclosed ${CANARY}`),
)
const secretLine = fc.oneof(
  fc
    .tuple(fc.constantFrom('', 'export ', '  '), name, sign, secretValue, fc.constantFrom('', ' # note'))
    .map((all) => all.join('')),
  fc
    .tuple(fc.constantFrom('# ', '#', '  ## '), name, fc.constantFrom('=', ' = '), secretValue)
    .map(([hash, ...rest]) => hash + rest.join('').replaceAll('\n', `\n${hash}`)),
  fc.constantFrom(
    `# old: postgres://app:${CANARY}@db.example.net/app`,
    `# the password: ${CANARY}`,
    `postgres://app:${CANARY}@db.example.net/app`,
    `some words and ${CANARY}`,
    `A="x" # api_key=${CANARY}`,
  ),
)

export const secretEnvText: fc.Arbitrary<string> = fc
  .tuple(fc.array(fc.oneof(secretLine, prose), { maxLength: 6 }), eol)
  .map(([all, ending]) => all.join('\n').replaceAll('\n', ending))

export const dotenvProperties: Record<string, (runs: number) => void> = {
  'every file reads the same to us as to dotenv': (runs) => {
    fc.assert(fc.property(fc.oneof(envText, envRubble), agreesWithDotenv), {
      numRuns: runs,
      examples: [['#\u2028A=A'], ['A\n=x'], ['A:\nB=1'], ['A="x\nB="#y"'], ['A=\n\n"x"']],
    })
  },
  'what is edited reads as intended, and twice is once': (runs) => {
    fc.assert(fc.property(fc.oneof(envText, envRubble), envTarget, staysRight), {
      numRuns: runs,
      examples: [
        [
          'DATABASE_URL=\uFEFF',
          { set: [{ name: 'DATABASE_URL', value: '1' }], placeholder: [{ name: 'A', example: '' }] },
        ],
        ['DATABASE_URL:\r\n', { set: [{ name: 'DATABASE_URL', value: '1' }] }],
        ['A\n=x', { comment: [{ name: 'A', reason: 'gone' }], placeholder: [{ name: 'A', example: '' }] }],
        [
          'A=1\nB.C-d=2',
          { comment: [{ name: 'B.C-d', reason: 'gone' }], set: [{ name: '_9', value: '', after: 'A' }] },
        ],
        ["A='a\n# B=1\n'", { comment: [{ name: 'A', reason: 'gone' }], remove: [{ name: 'A' }] }],
        [
          'A=file:x',
          {
            comment: [{ name: 'A', reason: 'gone' }],
            placeholder: [{ name: 'A', example: '', outdated: isFile }],
          },
        ],
        ['A=#\u2028 B=', { set: [{ name: 'A', value: '# x' }], remove: [{ name: 'B' }] }],
      ],
    })
  },
  'line endings make no difference': (runs) => {
    fc.assert(
      fc.property(envText, envTarget, (text, want) => {
        const unix = text.replace(/\r\n?/g, '\n')
        fc.pre(unix.includes('\n'))
        const expected = edited(unix, want)?.replaceAll('\n', '\r\n') ?? null
        if (edited(unix.replaceAll('\n', '\r\n'), want) !== expected) fail('CRLF is edited differently')
      }),
      { numRuns: runs },
    )
  },
  'a value that can be quoted is read back': (runs) => {
    fc.assert(
      fc.property(fc.oneof(newValue, fc.string({ unit: 'binary' })), (text) => {
        const quoted = quoteEnvValue(text)
        if ('text' in quoted && dotenv.parse(`X=${quoted.text}`).X !== text) fail('dotenv reads another value')
      }),
      { numRuns: runs },
    )
  },
  'masking keeps the lines and no secret': (runs) => {
    fc.assert(
      fc.property(fc.oneof(secretEnvText, envRubble), (text) => {
        const masked = maskEnvText(text)
        const lineCount = (file: string) => file.split(/\r\n|\n|\r/).length
        if (masked.includes(CANARY)) fail('a secret is shown')
        if (lineCount(masked) !== lineCount(text)) fail('the number of lines differs')
      }),
      { numRuns: runs },
    )
  },
  'commented-out assignments are found without a throw': (runs) => {
    fc.assert(
      fc.property(fc.oneof(envText, envRubble), (text) => {
        for (const one of readCommentedAssignments(text)) {
          if (
            text[one.hash] !== '#' ||
            one.hash >= one.start ||
            !text.startsWith(one.name, one.start + (one.exported ? text.slice(one.start).indexOf(one.name) : 0))
          )
            fail('spans are wrong')
        }
      }),
      { numRuns: runs },
    )
  },
}
