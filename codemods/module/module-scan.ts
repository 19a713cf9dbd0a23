import type { Expression, File, Node, Statement, VariableDeclarator } from '@babel/types'
import { bare } from './ast.ts'
import { type CodeStyle, readStyle } from './code-style.ts'
import { type Imported, readImports } from './module-imports.ts'
import { patternNames, type Reference, readReferences } from './module-references.ts'
import type { Parser } from './parse.ts'

export type { Imported } from './module-imports.ts'
export type { Reference } from './module-references.ts'

/** A name declared at the top level of the module. */
export interface Binding {
  name: string
  statement: Statement
  /** Set for `const`, `let` and `var` of a plain name. */
  declarator: VariableDeclarator | null
  declaration: 'const' | 'let' | 'var' | 'import' | 'other'
  init: Expression | null
  exported: boolean
}

export interface ModuleScan {
  text: string
  path: string
  file: File
  body: Statement[]
  style: CodeStyle
  /** Whether type annotations may be written. */
  typescript: boolean
  /** `require` and `module.exports` in place of `import` and `export`. */
  commonjs: boolean
  imports: Imported[]
  bindings: Map<string, Binding>
  /** By name, the identifiers that refer to a top-level (or undeclared) name, its declaration left out. */
  references: Map<string, Reference[]>
}

/**
 * @param style the file's, where an edit's own lines are not to count.
 * @throws {SyntaxError} when the text does not parse.
 */
export function scanModule(text: string, path: string, parser: Parser, style?: CodeStyle): ModuleScan {
  const file = parser(text, path)
  const body = file.program.body
  const imports = readImports(file.program)
  const usesImport = body.some((node) => node.type === 'ImportDeclaration' || node.type.startsWith('Export'))
  // Each of these visits the whole tree, and who only looks for something needs neither.
  let ownStyle = style
  let references: ModuleScan['references'] | undefined
  return {
    text,
    path,
    file,
    body,
    get style() {
      ownStyle ??= readStyle(file, text)
      return ownStyle
    },
    typescript: /\.[cm]?tsx?$/.test(path),
    commonjs: !usesImport && (/\.c[jt]s$/.test(path) || imports.length > 0),
    imports,
    bindings: readBindings(body, imports),
    get references() {
      references ??= readReferences(file.program)
      return references
    },
  }
}

function readBindings(body: readonly Statement[], imports: readonly Imported[]): Map<string, Binding> {
  const bindings = new Map<string, Binding>()
  for (const statement of body) {
    const declared = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement
    const exported = declared !== statement
    if (declared?.type === 'VariableDeclaration') {
      for (const declarator of declared.declarations) {
        for (const name of patternNames(declarator.id)) {
          const plain = declarator.id.type === 'Identifier'
          bindings.set(name, {
            name,
            statement,
            declarator: plain ? declarator : null,
            declaration: declared.kind as 'const' | 'let' | 'var',
            init: plain ? (declarator.init ?? null) : null,
            exported,
          })
        }
      }
    } else if (declared && 'id' in declared && declared.id?.type === 'Identifier') {
      const { name } = declared.id
      bindings.set(name, { name, statement, declarator: null, declaration: 'other', init: null, exported })
    }
  }
  for (const { local: name, statement } of imports) {
    const declarator = bindings.get(name)?.declarator ?? null
    bindings.set(name, { name, statement, declarator, declaration: 'import', init: null, exported: false })
  }
  return bindings
}

/** The value of a constant of the module's top level; anything else as it is. */
export function constantOf({ bindings, references }: ModuleScan, expression: Node): Node {
  const node = bare(expression)
  if (node.type !== 'Identifier') return node
  const binding = bindings.get(node.name)
  const isIt = references.get(node.name)?.some((reference) => reference.node === node)
  return isIt && binding?.declaration === 'const' && binding.init ? bare(binding.init) : node
}
