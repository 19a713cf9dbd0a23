// Bundles both doors into dist/. Everything that the program needs is inside, so that `npx` installs one package;
// what is heavy is loaded by dynamic imports and lands in chunks of its own.
import { cp, rm, writeFile } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { build } from 'esbuild'

const { version } = JSON.parse(readFileSync('package.json', 'utf8'))

await rm('dist', { recursive: true, force: true })
const result = await build({
  entryPoints: { bin: 'src/bin.ts', index: 'src/index.ts' },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  minifySyntax: true,
  metafile: true,
  legalComments: 'none',
  chunkNames: 'chunks/[name]-[hash]',
  define: { __VERSION__: JSON.stringify(version) },
  banner: {
    // CommonJS dependencies call `require` for Node's own modules.
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
})
for (const major of ['5', '7']) {
  await cp(
    `node_modules/prisma-schema-wasm-${major}/src/prisma_schema_build_bg.wasm`,
    `dist/prisma-schema-${major}.wasm`,
  )
}
await writeFile('dist/meta.json', JSON.stringify(result.metafile))
