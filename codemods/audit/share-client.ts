import type { Node } from '@babel/types'
import { type Client, clientsIn } from '../db-client/clients.ts'
import { end, rootName } from '../module/ast.ts'
import { ModuleDraft } from '../module/module-draft.ts'
import type { ModuleScan } from '../module/module-scan.ts'
import type { Parser } from '../module/parse.ts'
import { Refused, refusalOf } from '../module/refused.ts'
import { insertImport, removeCode } from '../module/statements.ts'
import { removeUnused } from '../module/unused.ts'
import type { CodemodResult, Edit } from '../text/edit.ts'
import { declaringScope, disconnects, isSharedSource } from './module.ts'

/** The client that the rest of the app uses. */
export interface SharedClient {
  /** The module that exports it as `db`, as this file would import it: `src/lib/db`. */
  source: string
  /** Where the shared client's class comes from; a client of another class belongs to another database. */
  classSource?: string | null
}

/**
 * Replaces the clients that a module makes by the shared one: `const prisma = new PrismaClient()` goes, and its name,
 * kept as it is everywhere in the file, is imported instead (`import { db as prisma } from 'src/lib/db'`).
 */
export function shareClient(text: string, path: string, shared: SharedClient, parser: Parser): CodemodResult {
  const draft = new ModuleDraft(text, path, parser)
  try {
    draft.round((scan) => {
      const held = clientsIn(scan).map((client) => declarationOf(client, scan, shared))
      const removals = held.map(({ declaration }) => removeCode(scan, declaration))
      return [...importShared(scan, held, shared.source), ...removals]
    })
    draft.rounds((scan) => removeUnused(draft.found, scan))
    return { edits: draft.edits() }
  } catch (error) {
    return { refusal: refusalOf(error, draft, `import { db } from '${shared.source}'`) }
  }
}

interface Held {
  name: string
  declaration: Node
}

/** The one shape that is understood; what may be another database's, or is used in other ways, is the user's. */
function declarationOf(client: Client, scan: ModuleScan, shared: SharedClient): Held {
  const { node, parents, source, subclass, options, opaque } = client
  if (source !== null && shared.classSource != null && source !== shared.classSource) {
    const reason = `This client is generated in '${source}', the shared one is not: it may be another database's.`
    throw new Refused(reason, node)
  }
  if (subclass || options || opaque) {
    throw new Refused('This client has a class or options of its own, which the shared one may not have.', node)
  }
  const [block, declaration, declarator] = parents.slice(-3).map((parent) => parent.node)
  const isPlain =
    declaration?.type === 'VariableDeclaration' &&
    declaration.kind === 'const' &&
    declaration.declarations.length === 1 &&
    declarator?.type === 'VariableDeclarator' &&
    declarator.init === node
  if (!isPlain || declarator.id.type !== 'Identifier') {
    throw new Refused('The client is not simply the value of a `const`.', node)
  }
  if (block!.type === 'ExportNamedDeclaration') {
    throw new Refused('Other modules import this client from here.', node)
  }
  const { name } = declarator.id
  if (declaringScope(name, parents.slice(0, -3)) !== null) {
    throw new Refused(`\`${name}\` is more than this client in this file.`, node)
  }
  // The process of a script ends anyway; that of the api side has other requests.
  const call = disconnects(scan).find(({ receiver }) => rootName(receiver) === name)
  if (call && !scan.path.startsWith('scripts/')) {
    throw new Refused('`$disconnect()` would close the shared client for every request: take it out first.', call.node)
  }
  return { name, declaration }
}

/** Brings `db` in under the names of the clients: into an import of the module that is there, or beside its likes. */
function importShared(scan: ModuleScan, found: readonly Held[], source: string): Edit[] {
  const { imports, bindings } = scan
  const same = imports.filter((each) => isSharedSource(each.source) && each.name === 'db' && !each.typeOnly)
  const isThere = (name: string) => same.some(({ local }) => local === name)
  const names = [...new Set(found.map(({ name }) => name))].filter((name) => !isThere(name))
  if (names.length === 0) return []
  for (const name of names) {
    const statement = bindings.get(name)?.statement
    if (!statement || found.some(({ declaration }) => declaration === statement)) continue
    throw new Refused(`\`${name}\` is something else at the top of this file.`, statement)
  }
  const specifiers = names.map((name) => (name === 'db' ? 'db' : `db${scan.commonjs ? ':' : ' as'} ${name}`)).join(', ')
  const [first] = same
  if (first) return [{ start: end(first.specifier), end: end(first.specifier), text: `, ${specifiers}` }]
  const likes = imports.filter((other) => /^(src|api|\$api)\//.test(other.source))
  return [insertImport(scan, specifiers, source, likes)]
}
