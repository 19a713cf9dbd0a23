import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import process from 'node:process'

const ROOT = resolve(import.meta.dirname, '../..')

export interface Built {
  /** The bin as it is published. */
  bin: string
  dispose(): void
}

/** Builds what is published in a folder of its own, so that `dist/` may be older, missing, or in use meanwhile. */
export function buildProgram(): Built {
  const folder = mkdtempSync(join(tmpdir(), 'pooling-build-'))
  for (const name of ['package.json', 'src', 'codemods', 'templates', 'node_modules'])
    symlinkSync(join(ROOT, name), join(folder, name))
  execFileSync(process.execPath, [join(ROOT, 'build.mjs')], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return { bin: join(folder, 'dist/bin.js'), dispose: () => rmSync(folder, { recursive: true, force: true }) }
}
