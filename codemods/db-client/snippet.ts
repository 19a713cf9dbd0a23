import { inStyle } from '../module/code-style.ts'
import { digits, maxWaitOf, PG_POOL } from './adapters.ts'
import { ACCELERATE, READ_REPLICAS } from './chain.ts'
import type { ClientTarget } from './target.ts'
import { plainNames, replicasExtension, wantedFor } from './wanted.ts'

/** The lines to paste where a client's module could not be edited, or where there is none. */
export function clientSnippet(target: ClientTarget): string {
  const wanted = wantedFor(target, plainNames(target))
  const imports = [
    ...wanted.imports,
    ...(wanted.adapter?.includes(`new ${PG_POOL.name}(`) ? [PG_POOL] : []),
    ...(target.accelerate ? [ACCELERATE] : []),
    ...(target.readReplicas ? [READ_REPLICAS] : []),
  ].map(({ name, source }) => `import { ${name} } from '${source}';`)
  const options = [
    ...(wanted.option === null ? [] : [wanted.option]),
    ...(target.prismaMajor >= 7 && target.adapter
      ? [`transactionOptions: { maxWait: ${digits(maxWaitOf(target.adapter.pool))} }`]
      : []),
  ]
  const code = [
    ...imports,
    ...(imports.length > 0 ? [''] : []),
    ...wanted.declarations.flatMap(({ code }) => [code, '']),
    ...(wanted.adapter ? [`const adapter = ${wanted.adapter};`] : []),
    '// Keep the options that the client has.',
    `const prismaClient = new PrismaClient(${options.length > 0 ? `{ ${options.join(', ')} }` : ''});`,
    '',
    '// Keep its other extensions before these.',
    `export const db = prismaClient${extensions(target)};`,
  ].join('\n')
  return inStyle(code, { quote: "'", semicolons: false, indent: '  ', eol: '\n', trailingCommas: true })
}

function extensions(target: ClientTarget): string {
  const accelerate = target.accelerate ? '.$extends(withAccelerate())' : ''
  const reads = target.readReplicas
    ? `.$extends(\n  ${replicasExtension(target, 'readReplicas', 'prismaClient')}\n)`
    : ''
  return accelerate + reads
}
