// Bundles both doors into dist/. Everything that the program needs is inside, so that `npx` installs one package;
// what is heavy is loaded by dynamic imports and lands in chunks of its own.

import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { chmod, cp, mkdir, rm, writeFile } from 'node:fs/promises'
import { build } from 'esbuild'

await rm('dist', { recursive: true, force: true })
const result = await build({
  entryPoints: { bin: 'src/bin.ts', index: 'src/index.ts' },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  minify: true,
  metafile: true,
  write: false,
  legalComments: 'none',
  // One flat folder, so that every chunk finds its neighbours and ../templates in the same way.
  chunkNames: '[name]-[hash]',
  // Its main file is UMD, whose own imports no bundler follows.
  alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
  plugins: [besideTheBundle(), helpTextAtWords(), lightBuiltins()],
})
await mkdir('dist')
for (const { path, text } of result.outputFiles) await writeFile(path, withCommonJs(text))
await chmod('dist/bin.js', 0o755)
for (const name of ['help', 'version']) await writeFile(`dist/${name}.txt`, printed(`--${name}`))
for (const major of ['5', '7']) {
  await cp(wasmOf(`node_modules/prisma-schema-wasm-${major}/src`), `dist/prisma-schema-${major}.wasm`)
}
await writeFile('dist/THIRD-PARTY-LICENSES.txt', licensesOf(Object.keys(result.metafile.inputs)))

/** What the stand-alone door prints by itself, which needs no program to be loaded: see src/bin.ts. */
function printed(option) {
  const { REDWOOD_POOLING_INVOCATION: _, ...env } = process.env
  return execFileSync(process.execPath, ['dist/bin.js', option], { env })
}

/** What CommonJS dependencies expect to be there, only where they are: it costs milliseconds in each module. */
function withCommonJs(text) {
  const prelude = [
    [/\b__dirname\b/, "const __dirname=__fileURLToPath(new URL('.',import.meta.url));"],
    [/(?<![.\w])require\b/, 'const require=__createRequire(import.meta.url);'],
  ].flatMap(([use, line]) => (use.test(text) ? [line] : []))
  if (prelude.length === 0) return text
  const imports =
    "import{createRequire as __createRequire}from'node:module';import{fileURLToPath as __fileURLToPath}from'node:url';"
  const shebang = /^#!.*\n/.exec(text)?.[0] ?? ''
  return `${shebang}${imports}${prelude.join('')}\n${text.slice(shebang.length)}`
}

/** The licences of every package that ended up in the bundle, as they ask for. */
function licensesOf(inputs) {
  const folders = new Set(inputs.map((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]).filter(Boolean))
  return [...folders]
    .sort()
    .map(licenseOf)
    .join(`\n${'-'.repeat(80)}\n\n`)
}

function licenseOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'))
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
  const text = file ? readFileSync(`${folder}/${file}`, 'utf8').trim() : `License: ${license}`
  return `${name} ${version}\n\n${text}\n`
}

function wasmOf(folder) {
  return `${folder}/prisma_schema_build_bg.wasm`
}

/** As an ES module, the layout of the help comes without packages for text, and breaks lines wherever they are full. */
function helpTextAtWords() {
  return {
    name: 'help-text-at-words',
    setup({ onLoad }) {
      onLoad({ filter: /cliui[\\/]build[\\/]lib[\\/]string-utils\.js$/ }, () => ({
        resolveDir: import.meta.dirname,
        contents: `
          export { wrapTable as wrap } from './src/base/text.ts'
          export { stripVTControlCharacters as stripAnsi } from 'node:util'`,
      }))
    },
  }
}

/**
 * What dependencies import of Node, where that costs more than it is worth: to import `process`, Node opens all three
 * standard streams, and yargs brings in all of `assert` for two comparisons.
 */
function lightBuiltins() {
  const contents = {
    process: 'module.exports = globalThis.process',
    assert: `
      export const strictEqual = (a, b, message) => { if (a !== b) throw new Error(message) }
      export const notStrictEqual = (a, b, message) => { if (a === b) throw new Error(message) }`,
  }
  const namespace = 'light'
  return {
    name: 'light-builtins',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^(node:)?process$/ }, () => ({ path: 'process', namespace }))
      onResolve({ filter: /^assert$/ }, ({ importer }) =>
        importer.includes('yargs') ? { path: 'assert', namespace } : null,
      )
      onLoad({ filter: /./, namespace }, ({ path }) => ({ contents: contents[path] }))
    },
  }
}

/** Prisma's glue code reads its WASM beside itself; in the bundle that is beside the chunk. */
function besideTheBundle() {
  return {
    name: 'wasm-beside-the-bundle',
    setup({ onLoad }) {
      onLoad({ filter: /prisma_schema_build\.js$/ }, ({ path }) => {
        const major = /prisma-schema-wasm-(\d)/.exec(path)[1]
        const glue = readFileSync(path, 'utf8')
        const contents = glue.replace(
          /require\('path'\)\.join\(__dirname, '[^']+'\)|`\$\{__dirname\}\/[^`]+`/,
          `require('node:path').join(__dirname, 'prisma-schema-${major}.wasm')`,
        )
        if (contents === glue) throw new Error(`${path} no longer loads its WASM in the known way`)
        return { contents, loader: 'js' }
      })
    },
  }
}
