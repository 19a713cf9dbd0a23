// Runs a script of this folder, written in TypeScript, on plain Node: node test/battery/run.mjs <name> [arguments]
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const here = dirname(fileURLToPath(import.meta.url))
const root = resolve(here, '../..')
const [name, ...args] = process.argv.slice(2)
if (!name) throw new Error('Usage: node test/battery/run.mjs <name> [arguments]')

// Inside the repository, where the packages that stay outside the bundle are found.
mkdirSync(join(root, 'test/.work'), { recursive: true })
const folder = mkdtempSync(join(root, 'test/.work/battery-'))
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const outfile = join(folder, `${name}.mjs`)
try {
  await build({
    entryPoints: [join(here, `${name}.ts`)],
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    define: { __VERSION__: JSON.stringify(version) },
    outfile,
    logLevel: 'error',
  })
  const { status } = spawnSync(process.execPath, [outfile, ...args], { cwd: root, stdio: 'inherit' })
  process.exitCode = status ?? 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
