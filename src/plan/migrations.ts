import { posix } from 'node:path'
import type { App } from '../app/app.ts'
import type { DatabaseKind } from '../connection/kinds.ts'
import type { PlanDraft } from './draft.ts'

/** The kind that the migrations were written for, or null when there are none. Source: migration_lock.toml, which Prisma writes. */
export function lockedKind(files: ReadonlyMap<string, string>, folder: string): string | null {
  const lock = files.get(posix.join(folder, 'migration_lock.toml'))
  const provider = /^\s*provider\s*=\s*"([^"]+)"/m.exec(lock ?? '')?.[1]
  return provider === 'postgres' ? 'postgresql' : (provider ?? null)
}

/**
 * Migrations of another kind of database make `migrate` fail with P3019.
 * They are moved aside when the user agreed to start a new history, and pointed out when not. Returns the paths that
 * the move touches.
 */
export function planMigrations(draft: PlanDraft, app: App, kind: DatabaseKind, reset: boolean): string[] {
  const { files } = app.snapshot
  const folder = app.paths.migrations
  const locked = lockedKind(files, folder)
  if (locked === null || locked === kind) return []
  const aside = `${folder}.${locked}`
  if (!reset) {
    draft.warn(
      'migrations-of-another-database',
      `${folder} holds a history written for ${locked}; \`prisma migrate\` refuses it on ${kind} (P3019). ` +
        `Run again with --reset-migrations to move it to ${aside} and start a new one.`,
    )
    return []
  }
  const moved: string[] = []
  for (const [path, text] of files) {
    if (!path.startsWith(`${folder}/`)) continue
    draft.write(aside + path.slice(folder.length), text)
    draft.remove(path)
    moved.push(path, aside + path.slice(folder.length))
  }
  return moved
}
