import { inStyle } from '../module/code-style.ts'
import { ADAPTERS, digits, maxWaitOf, PG_POOL } from './adapters.ts'
import { ACCELERATE, READ_REPLICAS } from './chain.ts'
import type { ClientTarget } from './target.ts'
import { replicasExtension, wantedFor } from './wanted.ts'

/** The lines to paste where a client's module could not be edited, or where there is none. */
export function clientSnippet(target: ClientTarget): string {
  const adapterClass = target.adapter ? ADAPTERS[target.adapter.package].className : ''
  const wanted = wantedFor(target, {
    adapterClass,
    clientClass: 'PrismaClient',
    adapter: 'adapter',
    typescript: false,
  })
  const imports = [
    ...wanted.imports,
    ...(wanted.adapter?.includes(`new ${PG_POOL.name}(`) ? [PG_POOL] : []),
    ...(target.accelerate ? [ACCELERATE] : []),
    ...(replicas(target) ? [READ_REPLICAS] : []),
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
    ...wanted.declarations.flatMap(({ code, attached }) => (attached ? [code] : [code, ''])),
    ...(wanted.adapter ? [`const adapter = ${wanted.adapter};`] : []),
    '// Keep the options that the client has.',
    `const prismaClient = new PrismaClient(${options.length > 0 ? `{ ${options.join(', ')} }` : ''});`,
    '',
    '// Keep its other extensions before these.',
    `export const db = prismaClient${extensions(target)};`,
  ].join('\n')
  return inStyle(code, { quote: "'", semicolons: false, indent: '  ', eol: '\n', trailingCommas: true })
}

function replicas({ readReplicas }: ClientTarget): boolean {
  return readReplicas !== null && readReplicas !== 'keep'
}

function extensions(target: ClientTarget): string {
  const accelerate = target.accelerate ? '.$extends(withAccelerate())' : ''
  const reads = replicas(target)
    ? `.$extends(\n  ${replicasExtension(target, 'readReplicas', 'prismaClient', 2)}\n)`
    : ''
  return accelerate + reads
}
