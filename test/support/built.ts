import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import process from 'node:process'

const ROOT = resolve(import.meta.dirname, '../..')
const SOURCES = ['build.mjs', 'package.json', 'package-lock.json', 'src', 'codemods', 'templates']

export interface Built {
  /** The bin as it is published. */
  bin: string
  dispose(): void
}

/** What is published, in a folder of its own: `dist/` may be older, missing, or in use meanwhile. */
export function buildProgram(folder = mkdtempSync(join(tmpdir(), 'pooling-build-'))): Built {
  for (const name of ['package.json', 'src', 'codemods', 'templates', 'node_modules'])
    symlinkSync(join(ROOT, name), join(folder, name))
  // A second to build, next to nothing to copy.
  if (isBuilt()) cpSync(join(ROOT, 'dist'), join(folder, 'dist'), { recursive: true })
  else
    execFileSync(process.execPath, [join(ROOT, 'build.mjs')], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
  return { bin: join(folder, 'dist/bin.js'), dispose: () => rmSync(folder, { recursive: true, force: true }) }
}

/** Whether `dist/` was built from the sources as they are now; the list of licences is written last. */
function isBuilt(): boolean {
  const built = changedAt('dist/THIRD-PARTY-LICENSES.txt')
  return SOURCES.flatMap(filesOf).every((path) => changedAt(path) < built)
}

function filesOf(name: string): string[] {
  const path = join(ROOT, name)
  if (!statSync(path).isDirectory()) return [name]
  return readdirSync(path, { recursive: true, encoding: 'utf8' }).map((below) => join(name, below))
}

function changedAt(path: string): number {
  return statSync(join(ROOT, path), { throwIfNoEntry: false })?.mtimeMs ?? 0
}
