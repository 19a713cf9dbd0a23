import { createHash } from 'node:crypto'
import { readTemplate } from '../base/template.ts'
import { PINS } from './pins.ts'

/** The file to run; its existence says that the folder is complete. */
export const ENTRY = 'prisma-dev.mjs'

/** The folder that npm fills: POSIX path to text. */
export function prismaDevFiles(): Record<string, string> {
  return {
    'package.json': json({
      private: true,
      type: 'module',
      dependencies: { '@prisma/cli-dev': PINS.prismaDev },
      overrides: {
        '@prisma/streams-local': 'file:./parts/streams',
        '@electric-sql/pglite-socket': 'file:./parts/socket',
      },
    }),
    'parts/streams/package.json': json(part('@prisma/streams-local', PINS.streamsLocal)),
    'parts/streams/index.js': readTemplate('prisma-dev/streams.js'),
    'parts/socket/package.json': json({
      ...part('@electric-sql/pglite-socket', PINS.pgliteSocket),
      dependencies: { 'pglite-socket-stock': `npm:@electric-sql/pglite-socket@${PINS.pgliteSocket}` },
    }),
    'parts/socket/index.js': readTemplate('prisma-dev/socket.js'),
    [ENTRY]: readTemplate('prisma-dev/prisma-dev.mjs'),
  }
}

/** Tells folders apart whose contents differ, so that a new release of ours never runs on the parts of an old one. */
export function folderName(files: Readonly<Record<string, string>>): string {
  const digest = createHash('sha256').update(JSON.stringify(files)).digest('hex')
  return `prisma-dev-${PINS.prismaDev}-${digest.slice(0, 8)}`
}

function part(name: string, version: string) {
  return { name, version, type: 'module', exports: './index.js' }
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
