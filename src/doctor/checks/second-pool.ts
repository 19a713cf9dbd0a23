import type { Node } from '@babel/types'
import { bare, rootName, sourceOf, walk } from '../../../codemods/module/ast.ts'
import type { SourceCheck } from '../types.ts'

/** Kysely's and Drizzle's pools are made from `pg`'s as well. */
export const secondPool: SourceCheck = {
  code: 'second-pool',
  title: 'The app has a pool of `pg` beside its client',
  why: "It opens up to ten more connections in each process, beyond the client's limit.",
  fix: 'Give it a small `max`, or send these queries through the client: `db.$queryRaw`.',
  mentions: ["'pg'", '"pg"'],
  run({ path, scan, isScript, at }, { shared }) {
    if (isScript || shared?.isHome(path)) return []
    const names = new Set(
      scan.imports.filter(({ source, typeOnly }) => source === 'pg' && !typeOnly).map(({ local }) => local),
    )
    const pools: Node[] = []
    walk(scan.file.program, (node) => {
      if (node.type !== 'NewExpression' || !names.has(rootName(bare(node.callee)) ?? '')) return
      const isPool = /\bPool$/.test(sourceOf(scan.text, node.callee))
      if (isPool && !/\bmax\s*:/.test(sourceOf(scan.text, node))) pools.push(node)
    })
    return pools.map((node) => ({ severity: 'warning', ...at(node) }))
  },
}
