import type { Node } from '@babel/types'
import { clientsIn } from '../../../codemods/db-client/clients.ts'
import { DECLARED } from '../../../codemods/db-client/wanted.ts'
import { RUNTIME } from '../../../codemods/env/files.ts'
import { bare, envName, valueNamed, walk } from '../../../codemods/module/ast.ts'
import type { SourceCheck } from '../types.ts'

const OWN = new Set<string>(DECLARED)

export const urlAtRunTime: SourceCheck = {
  code: 'url-at-run-time',
  title: 'The connection string is put together at run time',
  why: 'Neither Prisma’s CLI nor this command sees what the app connects to, and its pool parameters may be lost.',
  fix: 'Put the finished URL into the env file or the host’s variables.',
  needs: 'sources',
  mentions: () => ['datasource', RUNTIME],
  run({ path, scan, lineOf }) {
    const built: Node[] = clientsIn(scan).flatMap(({ options }) => {
      const url = options.kind === 'object' ? urlOf(options.object) : null
      return url && !isPlain(url) ? [url] : []
    })
    walk(scan.file.program, (node) => {
      if (node.type === 'AssignmentExpression' && /^(DATABASE|DIRECT)\w*URL$/.test(envName(node.left) ?? '')) {
        built.push(node)
      }
    })
    return built.map((node) => ({ severity: 'warning', path, line: lineOf(node) }))
  },
}

function urlOf(options: Node & { type: 'ObjectExpression' }): Node | null {
  const direct = valueNamed(options, 'datasourceUrl')
  if (direct) return direct
  const datasources = valueNamed(options, 'datasources')
  if (!datasources) return null
  const object = bare(datasources)
  if (object.type !== 'ObjectExpression') return datasources
  const first = object.properties[0]
  const source = first?.type === 'ObjectProperty' ? bare(first.value) : null
  return source?.type === 'ObjectExpression' ? valueNamed(source, 'url') : datasources
}

/** A variable of the environment, a text, or what this command wrote itself. */
function isPlain(url: Node): boolean {
  const value = bare(url)
  if (value.type === 'LogicalExpression') return isPlain(value.left) && isPlain(value.right)
  if (value.type === 'ConditionalExpression') {
    return OWN.has(value.test.type === 'Identifier' ? value.test.name : '')
  }
  return (
    envName(value) !== null ||
    value.type === 'StringLiteral' ||
    value.type === 'NullLiteral' ||
    (value.type === 'Identifier' && (OWN.has(value.name) || value.name === 'undefined'))
  )
}
