import type {
  Expression,
  File,
  Function as FunctionNode,
  Identifier,
  ImportDeclaration,
  Node,
  ObjectPattern,
  Program,
  Statement,
  VariableDeclaration,
  VariableDeclarator,
} from '@babel/types'
import { bare, children, isFunction, keyName, start, walk } from './ast.ts'
import { type CodeStyle, readStyle } from './code-style.ts'
import type { Parser } from './parse.ts'

/** One name that an `import` or a top-level `require` brings in. */
export interface Imported {
  local: string
  /** The exported name; `default`, or `*` for the whole module. */
  name: string
  source: string
  statement: ImportDeclaration | VariableDeclaration
  specifier: Node
  typeOnly: boolean
}

/** A name declared at the top level of the module. */
export interface Binding {
  name: string
  statement: Statement
  /** Set for `const`, `let` and `var` of a plain name. */
  declarator: VariableDeclarator | null
  declaration: 'const' | 'let' | 'var' | 'function' | 'class' | 'import' | 'other'
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

export interface Reference {
  node: Identifier
  parents: readonly { key: string; node: Node }[]
  statement: Statement
  /** Inside a function, so that it does not run while the module loads. */
  deferred: boolean
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
    commonjs: /\.c[jt]s$/.test(path)
      ? !usesImport
      : !usesImport && imports.some(({ statement }) => statement.type === 'VariableDeclaration'),
    imports,
    bindings: readBindings(body, imports),
    get references() {
      references ??= readReferences(file.program)
      return references
    },
  }
}

function readImports(program: Program): Imported[] {
  return program.body.flatMap((statement) => {
    if (statement.type === 'ImportDeclaration') {
      return fromImport(statement)
    }
    return statement.type === 'VariableDeclaration'
      ? statement.declarations.flatMap((declarator) => fromRequire(statement, declarator))
      : []
  })
}

function fromImport(statement: ImportDeclaration): Imported[] {
  return statement.specifiers.map((specifier) => ({
    local: specifier.local.name,
    name:
      specifier.type === 'ImportSpecifier'
        ? specifier.imported.type === 'Identifier'
          ? specifier.imported.name
          : specifier.imported.value
        : specifier.type === 'ImportDefaultSpecifier'
          ? 'default'
          : '*',
    source: statement.source.value,
    statement,
    specifier,
    typeOnly:
      statement.importKind === 'type' ||
      (specifier.type === 'ImportSpecifier' && specifier.importKind === 'type'),
  }))
}

/** The module of `require('x')`, also within `interopRequireDefault(…)`-free plain code only. */
export function requiredSource(node: Node | null | undefined): string | null {
  const call = node ? bare(node) : null
  if (
    call?.type !== 'CallExpression' ||
    call.callee.type !== 'Identifier' ||
    call.callee.name !== 'require'
  ) {
    return null
  }
  const argument = call.arguments[0]
  return argument?.type === 'StringLiteral' ? argument.value : null
}

function fromRequire(statement: VariableDeclaration, declarator: VariableDeclarator): Imported[] {
  const source = requiredSource(declarator.init)
  const common = { statement, typeOnly: false }
  if (source !== null && declarator.id.type === 'Identifier') {
    return [{ ...common, local: declarator.id.name, name: '*', source, specifier: declarator }]
  }
  if (source !== null && declarator.id.type === 'ObjectPattern') {
    return destructured(declarator.id).map((entry) => ({ ...common, ...entry, source }))
  }
  const init = declarator.init ? bare(declarator.init) : null
  if (init?.type === 'MemberExpression' && declarator.id.type === 'Identifier') {
    const owner = requiredSource(init.object)
    if (owner !== null && init.property.type === 'Identifier' && !init.computed) {
      const { name } = init.property
      return [{ ...common, local: declarator.id.name, name, source: owner, specifier: declarator }]
    }
  }
  return []
}

/** The plain names that `{ a, b: c }` takes out. */
export function destructured(pattern: ObjectPattern): { local: string; name: string; specifier: Node }[] {
  return pattern.properties.flatMap((property) => {
    if (property.type !== 'ObjectProperty') {
      return []
    }
    const name = keyName(property)
    const target = property.value.type === 'AssignmentPattern' ? property.value.left : property.value
    return name !== null && target.type === 'Identifier'
      ? [{ local: target.name, name, specifier: property }]
      : []
  })
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
      const declaration =
        declared.type === 'FunctionDeclaration'
          ? 'function'
          : declared.type === 'ClassDeclaration'
            ? 'class'
            : 'other'
      bindings.set(name, { name, statement, declarator: null, declaration, init: null, exported })
    }
  }
  for (const { local, statement } of imports) {
    const seen = bindings.get(local)
    bindings.set(local, {
      name: local,
      statement,
      declarator: seen?.declarator ?? null,
      declaration: 'import',
      init: null,
      exported: false,
    })
  }
  return bindings
}

export function patternNames(pattern: Node): string[] {
  switch (pattern.type) {
    case 'Identifier':
      return [pattern.name]
    case 'ObjectPattern':
      return pattern.properties.flatMap((property) =>
        patternNames(property.type === 'RestElement' ? property.argument : property.value),
      )
    case 'ArrayPattern':
      return pattern.elements.flatMap((element) => (element ? patternNames(element) : []))
    case 'AssignmentPattern':
      return patternNames(pattern.left)
    case 'RestElement':
      return patternNames(pattern.argument)
    default:
      return []
  }
}

function readReferences(program: Program): Map<string, Reference[]> {
  const references = new Map<string, Reference[]>()
  for (const statement of program.body) {
    collect(statement, statement, [], false, new Set(), references)
  }
  return references
}

function collect(
  node: Node,
  statement: Statement,
  parents: readonly { key: string; node: Node }[],
  deferred: boolean,
  shadowed: ReadonlySet<string>,
  references: Map<string, Reference[]>,
): void {
  const parent = parents.at(-1)
  if (node.type === 'Identifier') {
    if (parent && isReference(node, parent) && !shadowed.has(node.name)) {
      const found = references.get(node.name) ?? []
      found.push({ node, parents, statement, deferred })
      references.set(node.name, found)
    }
    if (node.typeAnnotation) {
      const inner = [...parents, { key: 'typeAnnotation', node: node as Node }]
      collect(node.typeAnnotation, statement, inner, deferred, shadowed, references)
    }
    return
  }
  const names = declaredIn(node)
  const inside = names.length === 0 ? shadowed : new Set([...shadowed, ...names])
  const later = deferred || isFunction(node)
  for (const child of children(node)) {
    // Babel gives a shorthand property the same identifier as key and as value.
    if (isShorthandKey(node, child) || isDeclaredName(node, child)) {
      continue
    }
    collect(child.node, statement, [...parents, { key: child.key, node }], later, inside, references)
  }
}

function isShorthandKey(node: Node, child: { key: string; node: Node }): boolean {
  return node.type === 'ObjectProperty' && node.shorthand && child.key === 'key'
}

/** A name inside a destructuring declaration, as against its default values and computed keys. */
function isDeclaredName(node: Node, child: { key: string; node: Node }): boolean {
  return node.type === 'VariableDeclarator' && child.key === 'id' && child.node.type !== 'Identifier'
}

function isReference(node: Identifier, parent: { key: string; node: Node }): boolean {
  const owner = parent.node
  switch (owner.type) {
    case 'MemberExpression':
    case 'OptionalMemberExpression':
      return parent.key === 'object' || owner.computed === true
    case 'ObjectProperty':
    case 'ObjectMethod':
    case 'ClassProperty':
    case 'ClassMethod':
      return parent.key !== 'key' || owner.computed === true
    case 'VariableDeclarator':
      return parent.key === 'init'
    case 'ImportSpecifier':
    case 'ImportDefaultSpecifier':
    case 'ImportNamespaceSpecifier':
    case 'LabeledStatement':
    case 'BreakStatement':
    case 'ContinueStatement':
      return false
    case 'ExportSpecifier':
      return parent.key === 'local'
    case 'TSPropertySignature':
    case 'TSMethodSignature':
    case 'TSEnumMember':
      return parent.key !== 'key' && parent.key !== 'id'
    case 'TSQualifiedName':
      return parent.key === 'left'
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ClassDeclaration':
    case 'ClassExpression':
    case 'TSInterfaceDeclaration':
    case 'TSTypeAliasDeclaration':
    case 'TSEnumDeclaration':
    case 'TSModuleDeclaration':
      return parent.key !== 'id' && parent.key !== 'params'
    case 'CatchClause':
      return parent.key !== 'param'
    default:
      return node.name !== 'undefined'
  }
}

/** Names that a function or block declares for what is inside it. */
function declaredIn(node: Node): string[] {
  if (isFunction(node)) {
    const { params, body } = node as FunctionNode
    const own = node.type === 'FunctionExpression' && node.id ? [node.id.name] : []
    return [...own, ...params.flatMap(patternNames), ...varNames(body)]
  }
  if (node.type === 'BlockStatement' || node.type === 'StaticBlock') {
    return node.body.flatMap(blockNames)
  }
  if (node.type === 'CatchClause' && node.param) {
    return patternNames(node.param)
  }
  if (node.type === 'ForStatement' && node.init?.type === 'VariableDeclaration') {
    return blockNames(node.init)
  }
  if (
    (node.type === 'ForOfStatement' || node.type === 'ForInStatement') &&
    node.left.type === 'VariableDeclaration'
  ) {
    return blockNames(node.left)
  }
  return []
}

function blockNames(statement: Node): string[] {
  if (statement.type === 'VariableDeclaration') {
    return statement.declarations.flatMap(({ id }) => patternNames(id))
  }
  return (statement.type === 'FunctionDeclaration' || statement.type === 'ClassDeclaration') && statement.id
    ? [statement.id.name]
    : []
}

function varNames(body: Node): string[] {
  const names: string[] = []
  walk(body, (node) => {
    if (node !== body && isFunction(node)) {
      return false
    }
    if (node.type === 'VariableDeclaration' && node.kind === 'var') {
      names.push(...node.declarations.flatMap(({ id }) => patternNames(id)))
    }
    return true
  })
  return names
}

/** The top-level statement at an offset. */
export function statementAt(scan: ModuleScan, offset: number): Statement | undefined {
  return scan.body.find((statement) => start(statement) <= offset && offset < (statement.end as number))
}
