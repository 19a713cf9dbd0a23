import type { Statement } from '@babel/types'
import { bare, rootName } from '../module/ast.ts'
import type { Binding, ModuleScan } from '../module/module-scan.ts'
import { type Client, clientsIn, isClientImport } from './clients.ts'

export interface ClientShape {
  scan: ModuleScan
  /** The module that `PrismaClient` comes from, `null` where none is known. */
  clientSource: string | null
  /** Of a class that is Prisma's own and is there for the whole module. */
  clients: Client[]
  /** The name that is exported as `db`. */
  db: Binding | null
  /** The module that `db` is re-exported or taken from, where it is not made here. */
  elsewhere: string | null
}

export function readShape(scan: ModuleScan): ClientShape {
  const made = clientsIn(scan)
  const clients = made.filter(({ source, subclass }) => source !== null && !subclass)
  const db = findDb(scan)
  return {
    scan,
    clientSource: (scan.imports.find(isClientImport) ?? made[0])?.source ?? null,
    clients,
    db,
    elsewhere: clients.length === 0 ? elsewhereSource(scan, db) : null,
  }
}

/** The top-level name that the module exports as `db`. */
function findDb(scan: ModuleScan): Binding | null {
  const listed = listings(scan).find(({ source }) => source === undefined)
  const binding = scan.bindings.get(listed?.local ?? 'db')
  return binding && (listed || binding.exported) ? binding : null
}

/** Every `export { local as db }`, and the module that it is `from`. */
function listings({ body }: ModuleScan): { local: string; source: string | undefined }[] {
  return body
    .filter((statement) => statement.type === 'ExportNamedDeclaration')
    .flatMap(({ specifiers, source }) =>
      specifiers
        .filter((specifier) => specifier.type === 'ExportSpecifier')
        .filter(({ exported }) => exported.type === 'Identifier' && exported.name === 'db')
        .map(({ local }) => ({ local: local.name, source: source?.value })),
    )
}

/** Top-level statements that assign to a variable, within a function or not. */
export function assignmentsTo(scan: ModuleScan, name: string): Statement[] {
  return (scan.references.get(name) ?? []).flatMap(({ node, parents, statement }) => {
    const parent = parents.at(-1)?.node
    const isAssigned = parent?.type === 'AssignmentExpression' && bare(parent.left) === node
    return isAssigned ? [statement] : []
  })
}

/** Prisma's package, its edge builds, and the output folders that people choose. */
function isClientSource(source: string): boolean {
  return /^\.?@?prisma\/client(\/|$)/.test(source) || /(^|\/)generated\/|\/prisma\/client/.test(source)
}

/** The module that `db` is re-exported or taken from. */
function elsewhereSource(scan: ModuleScan, db: Binding | null): string | null {
  const all = scan.body
    .filter((statement) => statement.type === 'ExportAllDeclaration')
    .map(({ source }) => source.value)
    .find((source) => !isClientSource(source))
  const from = all ?? listings(scan).find(({ source }) => source !== undefined)?.source
  if (from !== undefined) return from
  const root = db?.init ? rootName(db.init) : db?.name
  const imported = root ? scan.imports.find(({ local }) => local === root) : undefined
  return imported?.source.startsWith('.') ? imported.source : null
}
