import { resolve } from 'node:path'
import { build } from 'esbuild'

/** From the repository's root: makes a program of this folder's `programs/` one that plain Node runs; it goes away with `folder`'s app. */
export async function bundle(program: string, folder: string): Promise<string> {
  const outfile = `${folder}.bundle/${program.replace(/\.ts$/, '.mjs')}`
  await build({
    entryPoints: [resolve('test/apply/programs', program)],
    bundle: true,
    platform: 'node',
    format: 'esm',
    mainFields: ['module', 'main'],
    outfile,
    logLevel: 'error',
  })
  return outfile
}
