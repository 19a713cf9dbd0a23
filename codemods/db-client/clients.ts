import type { Class, NewExpression, Node, ObjectExpression, Statement } from '@babel/types'
import { bare, collect, isFunction, type Parent, type Place, propertyName, rootName } from '../module/ast.ts'
import { destructured } from '../module/module-imports.ts'
import type { Imported, ModuleScan } from '../module/module-scan.ts'

/** One `new PrismaClient(…)`, whatever the class is called in the module. */
export interface Client extends Place<NewExpression> {
  /** The one at the module's top level. */
  statement: Statement
  /** Made again with each call of a function. */
  inFunction: boolean
  /** The module that the class comes from; `null` where no import or `require` at the top brings it in. */
  source: string | null
  /** Its class is the app's own, on top of Prisma's. */
  subclass: boolean
  options: ObjectExpression | null
  /** Options whose properties are not to be seen here: a parameter, a call, a conditional. */
  opaque: Node | null
}

type ClientClass = Pick<Client, 'source' | 'subclass'>

/** Every client that the module makes, in source order. */
export function clientsIn(scan: ModuleScan): Client[] {
  const classes = classesIn(scan)
  return collect(scan.file.program, (node, parents) => {
    if (node.type !== 'NewExpression') return null
    const made = classOf(scan, node.callee, classes)
    if (!made) return null
    const statement = parents[1]!.node as Statement
    const inFunction = runsLater(parents)
    return { ...made, ...readOptions(scan, node), node, parents: [...parents], statement, inFunction }
  })
}

/** Brings in the class itself. */
export function isClientImport({ name, typeOnly }: Imported): boolean {
  return name === 'PrismaClient' && !typeOnly
}

/** The top-level names of the class and of subclasses, each of which stands behind what it is made of. */
function classesIn(scan: ModuleScan): Map<string, ClientClass> {
  const classes = new Map<string, ClientClass>()
  const add = (name: string, found: ClientClass | null) => {
    if (found && !classes.has(name)) classes.set(name, found)
  }
  for (const { local, source } of scan.imports.filter(isClientImport)) add(local, { source, subclass: false })
  for (const statement of scan.body) {
    const declared = 'declaration' in statement ? statement.declaration : statement
    if (declared?.type === 'ClassDeclaration' && declared.id) {
      add(declared.id.name, subclassOf(scan, declared, classes))
    }
    const declarators = declared?.type === 'VariableDeclaration' ? declared.declarations : []
    for (const { id, init } of declarators) {
      if (id.type === 'Identifier' && init) {
        add(id.name, classOf(scan, init, classes))
      } else if (id.type === 'ObjectPattern' && init) {
        const taken = destructured(id).filter(({ name }) => name === 'PrismaClient')
        for (const { local } of taken) add(local, { source: moduleOf(scan, init), subclass: false })
      }
    }
  }
  return classes
}

/** The class that an expression gives; by its name alone where it's brought in within a function. */
function classOf(scan: ModuleScan, expression: Node, classes: ReadonlyMap<string, ClientClass>): ClientClass | null {
  const node = bare(expression)
  switch (node.type) {
    case 'Identifier': {
      const isLikely = node.name === 'PrismaClient' && !isOther(scan, node.name)
      return classes.get(node.name) ?? (isLikely ? { source: null, subclass: false } : null)
    }
    case 'MemberExpression':
      return propertyName(node) === 'PrismaClient' ? { source: moduleOf(scan, node.object), subclass: false } : null
    case 'ClassExpression':
      return subclassOf(scan, node, classes)
    default:
      return null
  }
}

/** The app's own or another package's. */
function isOther({ bindings, imports }: ModuleScan, name: string): boolean {
  const declaration = bindings.get(name)?.declaration ?? 'let'
  return declaration === 'import'
    ? imports.some(({ local, typeOnly }) => local === name && !typeOnly)
    : declaration !== 'let' && declaration !== 'var'
}

function subclassOf(
  scan: ModuleScan,
  { superClass }: Class,
  classes: ReadonlyMap<string, ClientClass>,
): ClientClass | null {
  const base = superClass ? classOf(scan, superClass, classes) : null
  return base && { ...base, subclass: true }
}

function moduleOf({ imports }: ModuleScan, expression: Node): string | null {
  const name = rootName(expression)
  return imports.find(({ local, typeOnly }) => local === name && !typeOnly)?.source ?? null
}

/** Inside a function that is not called on the spot, so that it runs again with each call. */
function runsLater(parents: readonly Parent[]): boolean {
  return parents.some(({ node }, index) => isFunction(node) && !isCalledAtOnce(node, parents[index - 1]))
}

function isCalledAtOnce(fn: Node, parent: Parent | undefined): boolean {
  return parent?.node.type === 'CallExpression' && parent.key === 'callee' && bare(parent.node.callee) === fn
}

function readOptions({ bindings, references }: ModuleScan, node: NewExpression): Pick<Client, 'options' | 'opaque'> {
  const argument = node.arguments[0]
  const value = argument ? bare(argument) : null
  const binding = value?.type === 'Identifier' ? bindings.get(value.name) : undefined
  const isOnlyHere = binding && references.get(binding.name)?.length === 1 && !binding.exported
  const object = isOnlyHere && binding.init ? bare(binding.init) : value
  if (object?.type === 'ObjectExpression') return { options: object, opaque: null }
  return { options: null, opaque: argument ?? null }
}
