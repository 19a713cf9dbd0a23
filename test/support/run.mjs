// Runs a script written in TypeScript on plain Node: node test/support/run.mjs <script> [arguments]
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const [script, ...args] = process.argv.slice(2)
if (!script) throw new Error('Usage: node test/support/run.mjs <script> [arguments]')

// Inside the repository, where the packages that stay outside the bundle are found.
mkdirSync(join(root, 'test/.work'), { recursive: true })
const folder = mkdtempSync(join(root, 'test/.work/script-'))
const outfile = join(folder, `${basename(script, '.ts')}.mjs`)
try {
  await build({
    entryPoints: [resolve(script)],
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    plugins: [ownUrl()],
    outfile,
    logLevel: 'error',
  })
  const { status } = spawnSync(process.execPath, [outfile, ...args], { cwd: root, stdio: 'inherit' })
  process.exitCode = status ?? 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** A module that looks for files beside itself finds them where its source is. */
function ownUrl() {
  return {
    name: 'own-url',
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, ({ path }) => ({
        loader: 'ts',
        contents: readFileSync(path, 'utf8').replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)),
      }))
    },
  }
}
