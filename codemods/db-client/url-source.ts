import type { AssignmentExpression, CallExpression, Node, Statement } from '@babel/types'
import { RUNTIME, TEST } from '../env/files.ts'
import { bare, envName, sourceOf, walk } from '../module/ast.ts'
import type { ModuleScan } from '../module/module-scan.ts'

/** Where an expression takes its connection string from. */
export interface UrlSource {
  /** Variables of the environment that are read, here or in the constants and functions that are used. */
  variables: string[]
  /** A connection string written into the code. */
  literal: boolean
  /** Something that cannot be followed in this file. */
  unknown: boolean
  /** No more than reads of the environment, fallbacks between them, and assertions of their type. */
  plain: boolean
}

export function urlSource(scan: ModuleScan, expression: Node): UrlSource {
  const source: UrlSource = {
    variables: [],
    literal: false,
    unknown: false,
    plain: isPlain(scan, expression),
  }
  follow(scan, expression, source, new Set())
  return source
}

/**
 * Whether a test run is safe with it: what it reads is the variable that the test harness replaces, and nothing else
 * that could name a server.
 */
export function isFromDatabaseUrl({ variables, literal, unknown }: UrlSource): boolean {
  const others = variables.filter((name) => name !== RUNTIME && name !== TEST)
  return (
    variables.includes(RUNTIME) &&
    !literal &&
    !unknown &&
    !others.some((name) => /URL|URI|DSN|HOST|SERVER|CONN|DATABASE$|^DB$/i.test(name))
  )
}

/** Where the module itself sets DATABASE_URL, which its client and Prisma's engine then read. */
export function assignedUrls(scan: ModuleScan): AssignmentExpression[] {
  const found: AssignmentExpression[] = []
  walk(scan.file.program, (node) => {
    if (node.type === 'AssignmentExpression' && envName(node.left) === RUNTIME) found.push(node)
  })
  return found
}

/** What is assigned; `+=` adds to what was there. */
export function assignedSource(scan: ModuleScan, { operator, left, right }: AssignmentExpression): UrlSource {
  const source = urlSource(scan, right)
  return operator === '=' ? source : { ...source, variables: [envName(left) ?? '', ...source.variables] }
}

function follow(scan: ModuleScan, root: Node, source: UrlSource, seen: Set<string>): void {
  walk(root, (node, parents) => {
    const name = envName(node)
    if (name !== null) {
      source.variables.push(name)
      return false
    }
    const text = node.type === 'StringLiteral' ? node.value : node.type === 'TemplateElement' ? node.value.raw : ''
    source.literal ||= /^(postgres|mysql|mariadb|prisma|mongodb|sqlserver|libsql|https?|file)[\w+]*:/.test(text)
    source.unknown ||= node.type === 'AwaitExpression'
    if (node.type === 'CallExpression') source.variables.push(...namedVariables(scan, node))
    if (node.type === 'Identifier') {
      const reference = scan.references
        .get(node.name)
        ?.find((other) => other.node === node || other.node.start === node.start)
      if (reference && parents.at(-1)?.node.type !== 'TSTypeReference') {
        followName(scan, node.name, source, seen)
      }
    }
    return true
  })
}

const GLOBALS =
  /^(process|URL|URLSearchParams|String|Number|Boolean|Object|JSON|encodeURIComponent|console|undefined|Error|TypeError)$/

function followName(scan: ModuleScan, name: string, source: UrlSource, seen: Set<string>): void {
  if (seen.has(name) || GLOBALS.test(name)) return
  seen.add(name)
  const binding = scan.bindings.get(name)
  const imported = scan.imports.find(({ local }) => local === name)
  if (imported) {
    source.unknown ||= !/^(node:)?(url|path|fs|querystring)$/.test(imported.source)
  } else if (!binding) {
    source.unknown = true
  } else {
    follow(scan, binding.init ?? binding.statement, source, seen)
    for (const changed of changesTo(scan, name)) follow(scan, changed, source, seen)
  }
}

/** `DATABASE_URL` of `required('DATABASE_URL')`, where that function reads the variable it is given. */
function namedVariables(scan: ModuleScan, { callee, arguments: given }: CallExpression): string[] {
  const binding = callee.type === 'Identifier' ? scan.bindings.get(callee.name) : undefined
  if (!binding || !/process\.env\[/.test(sourceOf(scan.text, binding.statement))) return []
  return given.flatMap((argument) => (argument.type === 'StringLiteral' ? [argument.value] : []))
}

/** Statements that change what a constant refers to: `url.hostname = …`, `url.searchParams.set(…)`. */
function changesTo(scan: ModuleScan, name: string): Statement[] {
  return (scan.references.get(name) ?? [])
    .filter(({ parents }) => parents.some(({ key, node }) => key === 'left' && node.type === 'AssignmentExpression'))
    .map(({ statement }) => statement)
}

function isPlain(scan: ModuleScan, expression: Node): boolean {
  const node = bare(expression)
  if (envName(node) !== null) return true
  switch (node.type) {
    case 'StringLiteral':
    case 'NullLiteral':
      return true
    case 'LogicalExpression':
      return isPlain(scan, node.left) && isPlain(scan, node.right)
    case 'ConditionalExpression':
      return isPlain(scan, node.consequent) && isPlain(scan, node.alternate)
    case 'TemplateLiteral':
      return node.expressions.every((inner) => isPlain(scan, inner))
    case 'CallExpression':
      return node.callee.type === 'Identifier' && node.callee.name === 'String'
        ? node.arguments.every((inner) => isPlain(scan, inner))
        : false
    case 'Identifier': {
      const binding = scan.bindings.get(node.name)
      return (
        node.name === 'undefined' ||
        (binding?.declaration === 'const' && binding.init !== null && isPlain(scan, binding.init))
      )
    }
    default:
      return false
  }
}
