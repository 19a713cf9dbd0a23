import type { Binding, ModuleScan } from '../module/module-scan.ts'
import { type Client, clientsIn, isClientImport } from './clients.ts'
import { elsewhereSource, findDb } from './db-export.ts'

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
