import fc from 'fast-check'

/** Files of the kind that apps have, in the layouts of a `plugins:` list that Yarn reads. */
export function yarnrcText(): fc.Arbitrary<string> {
  const note = fc.constantFrom('', ' # note', " # it's [here]")
  const settings = fc.constantFrom(
    'nodeLinker: node-modules',
    'enableGlobalCache: true # fast',
    '# only a comment',
    '',
    '  # indented',
    'npmScopes:\n  acme:\n    npmRegistryServer: "https://example.org/"',
    'packageExtensions:\n  "a@*": { dependencies: { b: "*" } }',
    'initFields: {}',
    'supportedArchitectures:\n  os:\n  - linux',
  )
  const entry = fc.constantFrom('a.cjs', '"a.cjs"', 'path: a.cjs', 'path: a.cjs\nspec: "x"', '{ path: a.cjs }')
  const block = fc
    .tuple(note, fc.array(fc.tuple(entry, note), { minLength: 1, maxLength: 3 }), fc.constantFrom('', '  ', '    '))
    .map(([first, entries, indent]) =>
      [
        `plugins:${first}`,
        ...entries.map(([text, end]) => `${indent}- ${text.replace('\n', `\n${indent}  `)}${end}`),
      ].join('\n'),
    )
  const plugins = fc.oneof(
    fc.constant(null),
    note.map((end) => `plugins:${end}`),
    block,
  )
  const unique = fc.uniqueArray(settings, { maxLength: 3, selector: (text) => text.split(':')[0] })
  return fc
    .tuple(
      unique,
      plugins,
      unique.map((all) => all.map((text) => text.replace(/^(?=\w)/, 'x'))),
      fc.constantFrom('', '\n', '\n\n', '\n# end', '\n  '),
      fc.boolean(),
      fc.boolean(),
    )
    .map(([head, list, tail, end, isCrlf, hasBom]) => {
      const text = [...head, ...(list === null ? [] : [list]), ...tail].join('\n') + end
      return (hasBom ? '\uFEFF' : '') + (isCrlf ? text.replaceAll('\n', '\r\n') : text)
    })
}

/** Any pieces of such a file in any order. */
export function noise(pieces: readonly string[]): fc.Arbitrary<string> {
  return fc.array(fc.constantFrom(...pieces), { maxLength: 30 }).map((all) => all.join(''))
}

/** A text with a few characters cut out and a few others put in. */
export function damaged(text: string, pieces: readonly string[]): fc.Arbitrary<string> {
  return fc
    .tuple(fc.nat(text.length), fc.nat(4), noise(pieces))
    .map(([at, cut, insert]) => text.slice(0, at) + insert.slice(0, 3) + text.slice(at + cut))
}

export const YAML_PIECES = [
  'plugins:',
  '- ',
  '[',
  ']',
  '{',
  '}',
  ',',
  ': ',
  '#',
  ' ',
  '\n',
  '\r',
  '\t',
  '"',
  "'",
  '&a ',
  '*a',
  '|',
  '---\n',
  '...\n',
  'a',
  '.yarn/plugins/a.cjs',
]
