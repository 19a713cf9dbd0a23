import type { Node, ObjectExpression } from '@babel/types'
import { elsewhereIn, type Stray } from '../db-client/follows.ts'
import { RUNTIME, TEST } from '../env/files.ts'
import { bare, envName, keyName, sourceOf, start, valueNamed } from '../module/ast.ts'
import { isForm } from '../module/declare.ts'
import { prismaEnvName } from '../module/env-reads.ts'
import { type ModuleScan, scanModule } from '../module/module-scan.ts'
import type { Parser } from '../module/parse.ts'
import { IS_TEST_RUN } from '../module/test-run.ts'
import { lineAt } from '../text/edit.ts'
import { readConfigShape } from './shape.ts'

/**
 * Why it can't be shown that Prisma's CLI leaves the app's database alone in a test run; `null` where the file is one
 * exported literal whose one URL is DATABASE_URL or our choice by what a test run is.
 */
export function strayConfig(text: string, path: string, isNeeded: boolean, parser: Parser): Stray | null {
  let scan: ModuleScan
  try {
    scan = scanModule(text, path, parser)
  } catch {
    return { path, line: 1, reason: 'The file does not parse.' }
  }
  const node = strayNode(scan, isNeeded, parser)
  const reason = `Nothing shows that this leads to ${TEST} in a test run.`
  return node && { path, line: lineAt(text, start(node)), reason }
}

function strayNode(scan: ModuleScan, isNeeded: boolean, parser: Parser): Node | null {
  const elsewhere = elsewhereIn(scan)
  if (elsewhere) return elsewhere.node
  const {
    exported: [exported, second],
    object,
  } = readConfigShape(scan)
  if (!exported || second || !object || !isOnlyUse(scan, exported)) return second ?? exported ?? scan.file.program
  const member = strayMember(object, ['adapter'])
  const value = valueNamed(object, 'datasource')
  if (member || !value) return member ?? (isNeeded ? object : null)
  const datasource = bare(value)
  if (datasource.type !== 'ObjectExpression') return datasource
  const url = valueNamed(datasource, 'url')
  return strayMember(datasource, ['directUrl']) ?? (url && isGoodUrl(scan, url, parser) ? null : (url ?? datasource))
}

/** The literal itself, or a constant that nothing else can change. */
function isOnlyUse(scan: ModuleScan, exported: Node): boolean {
  const given = bare(exported)
  const value = given.type === 'CallExpression' && given.arguments[0] ? bare(given.arguments[0]) : given
  if (value.type !== 'Identifier') return value.type === 'ObjectExpression'
  return scan.references.get(value.name)?.length === 1 && scan.bindings.get(value.name)?.declaration === 'const'
}

/** A member whose name isn't known, that is there twice, or that is one of the decisive. */
function strayMember({ properties }: ObjectExpression, decisive: readonly string[]): Node | null {
  const names = properties.map(keyName)
  const isStray = (name: string | null, index: number) =>
    name === null || decisive.includes(name) || names.indexOf(name) !== index
  return properties[names.findIndex(isStray)] ?? null
}

function isGoodUrl(scan: ModuleScan, url: Node, parser: Parser): boolean {
  const node = bare(url)
  if (node.type !== 'ConditionalExpression') return (envName(node) ?? prismaEnvName(scan, node)) === RUNTIME
  const isOurs = sourceOf(scan.text, node.test) === IS_TEST_RUN.name
  return isOurs && isForm(scan, IS_TEST_RUN.name, [IS_TEST_RUN.code], parser) && envName(node.consequent) === TEST
}
