import type { Node, VariableDeclaration, VariableDeclarator } from '@babel/types'
import { type Client, clientsIn } from '../db-client/clients.ts'
import { bare, end, isFunction, keyName, type Parent, rootName, walk } from '../module/ast.ts'
import { type ModuleScan, scanModule } from '../module/module-scan.ts'
import type { Parser } from '../module/parse.ts'
import { Refused, refusalOf } from '../module/refused.ts'
import { insertImport, removeCode, removeListed } from '../module/statements.ts'
import { removeUnused } from '../module/unused.ts'
import { TextDraft } from '../text/draft.ts'
import type { CodemodResult, Edit } from '../text/edit.ts'
import { disconnects, isSharedSource } from './module.ts'

/** The client that the rest of the app uses. */
export interface SharedClient {
  /** The module that exports it as `db`, as this file would import it: `src/lib/db`. */
  source: string
  /** Where the shared client's class comes from; a client of another class belongs to another database. */
  classSource?: string | null
  /** The path of its module where that imports this file, which then cannot import it back. */
  importer?: string | null
}

/** https://www.prisma.io/docs/orm/prisma-client/client-extensions/shared-extensions */
export const GIVEN_CLIENT = 'Prisma.defineExtension((client) => client.$extends({ … }))'

/**
 * Replaces clients that a module makes by the shared one: the declaration goes, and its name, kept as it is everywhere
 * in the file, is imported instead (`import { db as prisma } from 'src/lib/db'`).
 *
 * @param isWanted such as those that are made inside a function, one with each call
 */
export function shareClient(
  text: string,
  path: string,
  shared: SharedClient,
  parser: Parser,
  isWanted: (client: Client) => boolean,
): CodemodResult {
  const draft = new TextDraft(text)
  const rescan = () => scanModule(draft.text, path, parser)
  try {
    const before = rescan()
    const names = new Set<string>()
    for (;;) {
      const scan = rescan()
      const client = clientsIn(scan).find(isWanted)
      if (!client) break
      names.add(replace(scan, client, path, shared, draft))
    }
    if (names.size === 0) return { edits: [] }
    for (const name of names) draft.apply(importShared(rescan(), name, shared.source))
    for (;;) {
      const edits = removeUnused(before, rescan())
      if (edits.length === 0) return { edits: draft.edits() }
      draft.apply(edits)
    }
  } catch (error) {
    return { refusal: refusalOf(error, draft, snippetOf(shared)) }
  }
}

function snippetOf({ source, importer }: SharedClient): string {
  return importer ? GIVEN_CLIENT : `import { db } from '${source}'`
}

/** Applies what takes one client out; returns the name that the rest of the file knows it by. */
function replace(scan: ModuleScan, client: Client, path: string, shared: SharedClient, draft: TextDraft): string {
  const { node, parents, source } = client
  if (shared.importer) {
    throw new Refused(`${shared.importer} imports this file, which cannot import \`db\` back.`, node)
  }
  if (source !== null && shared.classSource != null && source !== shared.classSource) {
    throw new Refused(
      `This client is generated in '${source}', the shared one is not: it may be another database's.`,
      node,
    )
  }
  refuseOwnConnection(client)
  const holder = holderOf(client)
  if (!holder) throw new Refused('The client is not simply the value of a variable.', node)
  const { declarator, declaration, depth } = holder
  const { name } = declarator.id as Node & { name: string }
  const scopes = parents.slice(0, depth).filter(({ node: scope }) => scope.type !== 'Program')
  if (scopes.at(-1)?.node.type === 'ExportNamedDeclaration') {
    throw new Refused('Other modules import this client from here.', node)
  }
  refuseAmbiguous(scan, name, declarator)
  refuseDisconnected(scan, name, path)
  draft.apply([
    declaration.declarations.length === 1
      ? removeCode(scan, declaration)
      : removeListed(declaration.declarations, declarator),
  ])
  return name
}

const OWN_CONNECTION = new Set(['datasources', 'datasourceUrl', 'adapter', 'accelerateUrl'])

function refuseOwnConnection({ node, subclass, options }: Client): void {
  if (subclass) {
    throw new Refused("This client's class is the app's own, and may do more than the shared one.", node)
  }
  if (options.kind === 'none') return
  if (options.kind === 'opaque') {
    throw new Refused('What this client is made with is not to be seen here.', node)
  }
  const own = options.object.properties.find((member) => {
    const name = keyName(member)
    return name === null || OWN_CONNECTION.has(name)
  })
  if (own) throw new Refused('This client is told where to connect, so it may be another database.', own)
}

/** The variable whose whole value the client is. */
function holderOf({ node, parents }: Client): {
  declarator: VariableDeclarator
  declaration: VariableDeclaration
  depth: number
} | null {
  const depth = parents.findLastIndex(({ node: parent }) => parent.type === 'VariableDeclarator')
  const declarator = parents[depth]?.node
  const declaration = parents[depth - 1]?.node
  if (declarator?.type !== 'VariableDeclarator' || declaration?.type !== 'VariableDeclaration') return null
  const isWhole = declarator.init != null && bare(declarator.init) === node && declarator.id.type === 'Identifier'
  return isWhole ? { declarator, declaration, depth: depth - 1 } : null
}

/** The name has to mean this client wherever it is used, and nothing else in the file. */
function refuseAmbiguous(scan: ModuleScan, name: string, own: VariableDeclarator): void {
  const imported = scan.imports.find(({ local }) => local === name)
  if (imported && !isSharedSource(imported.source)) {
    throw new Refused(`\`${name}\` is imported from '${imported.source}' too.`, own)
  }
  const clients = new Set(clientsIn(scan).map((client) => holderOf(client)?.declarator))
  walk(scan.file.program, (node, parents) => {
    if (node.type !== 'Identifier' || node.name !== name) return
    const parent = parents.at(-1)
    const isOther =
      (parent?.node.type === 'VariableDeclarator' && parent.key === 'id' && !clients.has(parent.node)) ||
      (parent?.node.type === 'AssignmentExpression' && parent.key === 'left') ||
      parent?.key === 'params' ||
      (parent?.node.type === 'ExportSpecifier' && parent.key === 'local') ||
      isExported(parents)
    if (isOther) throw new Refused(`\`${name}\` is more than this client in this file.`, node)
  })
}

/** The process of a script ends anyway; that of the api side has other requests. */
function refuseDisconnected(scan: ModuleScan, name: string, path: string): void {
  if (path.startsWith('scripts/')) return
  const call = disconnects(scan).find(({ receiver }) => rootName(receiver) === name)
  if (call) {
    throw new Refused('`$disconnect()` would close the shared client for every request: take it out first.', call.node)
  }
}

/** `module.exports = { prisma }`. */
function isExported(parents: readonly Parent[]): boolean {
  const last = parents.findLastIndex(({ node }) => isFunction(node))
  return parents
    .slice(last + 1)
    .some(
      ({ node }) =>
        node.type === 'AssignmentExpression' &&
        node.left.type === 'MemberExpression' &&
        /^(module|exports)$/.test(rootName(node.left) ?? ''),
    )
}

/** Brings `db` in under the given name: into an import of the module that is there, or beside its likes. */
function importShared(scan: ModuleScan, name: string, source: string): Edit[] {
  const same = scan.imports.filter((imported) => isSharedSource(imported.source) && !imported.typeOnly)
  if (same.some(({ local }) => local === name)) return []
  if (scan.bindings.has(name)) {
    throw new Refused(`\`${name}\` is something else at the top of this file.`, scan.bindings.get(name)!.statement)
  }
  const specifier = name === 'db' ? 'db' : scan.commonjs ? `db: ${name}` : `db as ${name}`
  const last = same.at(-1)
  if (last && last.name !== '*' && last.name !== 'default') {
    return [{ start: end(last.specifier), end: end(last.specifier), text: `, ${specifier}` }]
  }
  return [
    insertImport(scan, specifier, source, {
      likes: scan.imports.filter((other) => /^(src|api|\$api)\//.test(other.source)),
      next: scan.imports.find((other) => other.source.startsWith('.')),
    }),
  ]
}
