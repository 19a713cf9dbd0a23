import type { Node } from '@babel/types'
import { memberNamed } from '../module/ast.ts'
import { inStyle } from '../module/code-style.ts'
import { declare } from '../module/declare.ts'
import { variablesOf } from '../module/env-reads.ts'
import { ModuleDraft } from '../module/module-draft.ts'
import type { ModuleScan } from '../module/module-scan.ts'
import { removeMember, setMember } from '../module/object-members.ts'
import type { Parser } from '../module/parse.ts'
import { removePgliteServer } from '../module/pglite.ts'
import { Refused, refusalOf } from '../module/refused.ts'
import { isSameCode } from '../module/same-code.ts'
import { IS_TEST_RUN } from '../module/test-run.ts'
import { removeUnused } from '../module/unused.ts'
import { addedShadow, isShadowGone, type ShadowTarget } from '../schema/target.ts'
import type { CodemodResult, Edit } from '../text/edit.ts'
import { type ConfigShape, memberOrSpread, readConfigShape, SHADOW_KEY } from './shape.ts'

/** The variables that migrations choose their database from. */
export interface ConfigTarget {
  /** The runtime's, which both frameworks' test harnesses replace: `DATABASE_URL`. */
  runtimeEnv: string
  /** `null` where one URL serves both. */
  directEnv: string | null
  shadow: ShadowTarget
}

/**
 * Makes `datasource.url` of a prisma.config file lead to the direct database, and to the test database or nothing in
 * any test run. A shadow database is added for all but test runs. The code that it writes never throws while it loads,
 * as Prisma's `env()` does when its variable is unset.
 *
 * https://www.prisma.io/docs/orm/reference/prisma-config-reference#datasource
 */
export function editPrismaConfig(text: string, path: string, target: ConfigTarget, parser: Parser): CodemodResult {
  const draft = new ModuleDraft(text, path, parser)
  try {
    return editDraft(draft, target)
  } catch (error) {
    return { refusal: refusalOf(error, draft, configSnippet(target, path)) }
  }
}

function editDraft(draft: ModuleDraft, target: ConfigTarget): CodemodResult {
  const { path, parser } = draft
  draft.round((scan) => editUrl(readConfigShape(scan), target, parser))
  draft.round((scan) => removeDirectUrl(readConfigShape(scan)))
  draft.round((scan) => editShadow(readConfigShape(scan), target.shadow))
  draft.round((scan) => declareTestRun(readConfigShape(scan), parser))
  const isServed = draft.rounds(removePgliteServer)
  draft.rounds((scan) => removeUnused(draft.found, scan))
  const removed = { code: 'pglite-removed', message: `${path} no longer starts a PGlite server.` }
  return { edits: draft.edits(), notes: isServed ? [removed] : [] }
}

function editUrl(shape: ConfigShape, target: ConfigTarget, parser: Parser): Edit[] {
  const { scan, exported, object, datasource } = shape
  if (!object) throw new Refused('It exports nothing that could be read as a configuration.', exported[0])
  const url = urlExpression(target)
  if (!datasource) {
    const other = memberOrSpread(object, 'datasource')
    if (other) throw new Refused('Its `datasource` comes from elsewhere.', other)
    const code = `datasource: {\n  url: ${url.replaceAll('\n', '\n  ')},\n}`
    return setMember(scan, object, null, code)
  }
  const member = memberNamed(datasource, 'url')
  if (!member) return setMember(scan, datasource, null, `url: ${url}`)
  if (member.type !== 'ObjectProperty' || !variablesOf(scan, member.value)) {
    throw new Refused('Its `datasource.url` is computed by custom code.', member)
  }
  return isSameCode(scan, member.value, url, parser) ? [] : setMember(scan, datasource, member, `url: ${url}`)
}

/**
 * `directUrl` of Prisma 6 would win over `url` and is not replaced by any test harness; Prisma 7 ignores it. `url` is
 * the direct one now.
 */
function removeDirectUrl({ scan, datasource }: ConfigShape): Edit[] {
  const member = datasource && memberNamed(datasource, 'directUrl')
  return member ? [removeMember(scan, datasource, member)] : []
}

function editShadow({ scan, datasource }: ConfigShape, want: ShadowTarget): Edit[] {
  if (!datasource) return []
  const added = addedShadow(want)
  if (added !== null) {
    const code = `${SHADOW_KEY}: ${shadowExpression(added)}`
    return memberOrSpread(datasource, SHADOW_KEY) ? [] : setMember(scan, datasource, null, code)
  }
  const member = memberNamed(datasource, SHADOW_KEY)
  return member && isShadowGone(want, onlyVariable(scan, member)) ? [removeMember(scan, datasource, member)] : []
}

/** The variable that a setting has its value from, where that's all. */
function onlyVariable(scan: ModuleScan, member: Node): string | null {
  const names = member.type === 'ObjectProperty' ? variablesOf(scan, member.value) : null
  return names?.length === 1 ? names[0]! : null
}

function shadowExpression(env: string): string {
  return `isTestRun ? undefined : process.env.${env}`
}

/** Indented as it stands behind `url: ` at the start of a line. */
function urlExpression({ runtimeEnv, directEnv }: ConfigTarget): string {
  if (directEnv === null) return `process.env.${runtimeEnv}`
  return [
    'isTestRun',
    '  ? process.env.TEST_DATABASE_URL',
    `  : process.env.${directEnv} || process.env.${runtimeEnv}`,
  ].join('\n')
}

function declareTestRun({ scan, datasource }: ConfigShape, parser: Parser): Edit[] {
  const uses = scan.references.get(IS_TEST_RUN.name) ?? []
  const use = uses.find(({ parents }) => parents.some(({ node }) => node === datasource))
  if (!use) return []
  return declare(scan, parser, {
    wanted: [IS_TEST_RUN],
    forms: () => [IS_TEST_RUN.code],
    anchor: use.statement,
  })
}

/** The lines to paste where the file could not be edited, or where there is none. */
export function configSnippet(target: ConfigTarget, path: string): string {
  const { shadow } = target
  const added = addedShadow(shadow)
  const shadowLine = added === null ? [] : [`    ${SHADOW_KEY}: ${shadowExpression(added)},`]
  const isGuarded = target.directEnv !== null || shadowLine.length > 0
  const guard = isGuarded ? [IS_TEST_RUN.code, ''] : []
  const isModule = !/\.cjs$/.test(path)
  const code = [
    ...guard,
    isModule ? 'export default defineConfig({' : 'module.exports = defineConfig({',
    '  // Keep the other settings as they are.',
    '  datasource: {',
    `    url: ${urlExpression(target).replaceAll('\n', '\n    ')},`,
    ...shadowLine,
    '  },',
    '});',
  ].join('\n')
  return inStyle(code, { quote: "'", semicolons: false, indent: '  ', eol: '\n', trailingCommas: true })
}
