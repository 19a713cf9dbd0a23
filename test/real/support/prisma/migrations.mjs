// Prisma 5 and 6 let the engine read and write the migrations directory; the WebAssembly engine has no file
// system and gets, and returns, its content.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const lockfileName = 'migration_lock.toml'

function readContent(file) {
  try {
    return { tag: 'ok', value: readFileSync(file, 'utf8') }
  } catch (error) {
    return { tag: 'error', value: error.message }
  }
}

/** The names of the migrations in a directory, oldest first. */
export function migrationNames(dir) {
  if (!existsSync(dir)) return []
  const entries = readdirSync(dir, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  return entries.map((entry) => entry.name).sort()
}

/** A migrations directory in the shape that the engine takes. */
export function readMigrations(dir) {
  const lockfile = path.join(dir, lockfileName)
  return {
    baseDir: dir,
    lockfile: { path: lockfileName, content: existsSync(lockfile) ? readFileSync(lockfile, 'utf8') : null },
    shadowDbInitScript: '',
    migrationDirectories: migrationNames(dir).map((name) => ({
      path: name,
      migrationFile: { path: 'migration.sql', content: readContent(path.join(dir, name, 'migration.sql')) },
    })),
  }
}

/** Writes what `createMigration` returned. */
export function writeMigration(dir, created) {
  const target = path.join(dir, created.generatedMigrationName)
  mkdirSync(target, { recursive: true })
  writeFileSync(path.join(target, `migration.${created.extension}`), created.migrationScript)
  writeFileSync(path.join(dir, lockfileName), `provider = "${created.connectorType}"\n`)
}
