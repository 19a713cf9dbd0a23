import { RUNTIME } from '../../../codemods/env/files.ts'
import { readDatasource } from '../../../codemods/schema/schema.ts'
import { isOlder } from '../../app/versions.ts'
import { maskUrls } from '../../connection/mask.ts'
import type { Plan } from '../../plan/types.ts'
import type { Runtime } from '../../providers/types.ts'
import type { Facts } from '../types.ts'
import { type Change, type Code, WORDS } from './codes.ts'
import { isKnown, isPooled, type Urls } from './urls.ts'

/** What a plan would change in the schema, Prisma's config and the client. */
export function inFiles(plan: Plan, runtime: Runtime | null, urls: Urls, { app }: Facts): Change[] {
  const { schema, dbClient, prismaConfig } = app.paths
  return plan.files.flatMap(({ path, before, after }): Change[] => {
    if (before === null || after === null) return []
    const { line, added } = firstDifference(before, after)
    const change = (code: Code, isError: boolean): Change[] => {
      const text = maskUrls(added.slice(0, LINES).join(' '))
      const writes =
        added.length === 0 ? '' : `: \`pooling\` would write \`${text}${added.length > LINES ? ' …' : ''}\` here`
      const detail = `${WORDS[code].title}${writes}.`
      return [{ code, severity: isError ? 'error' : 'warning', path, line, detail }]
    }
    const isRead = path === schema || path === dbClient
    if (isRead && leadsElsewhere(before, after)) return change('test-database', true)
    // Otherwise a line that would only go isn't a fault: another environment may need it.
    if (added.length === 0) return []
    if (path === schema) return isAddition(before, after) ? change('datasource', isPooled(urls)) : []
    if (path === prismaConfig) return change('prisma-config', isPooled(urls) && app.config?.urlEnv === RUNTIME)
    if (path !== dbClient) return []
    const isOtherDriver = added.some((text) => text.includes('@prisma/adapter-'))
    if (!isOtherDriver && added.some((text) => text.includes('maxWait')))
      return change('max-wait', isOlder(app.prisma.version, '7.10.0'))
    // Where it isn't known what to connect to, the numbers alone are asked for.
    if (!isKnown(urls) && !added.some((text) => /\bmax:/.test(text))) return []
    return change('client-options', runtime === 'serverless' && !isPooled(urls) && isKnown(urls))
  })
}

/** The plan removes a connection string that no test run replaces. */
function leadsElsewhere(before: string, after: string): boolean {
  if (before.includes('NODE_ENV')) return false
  const elsewhere = (text: string) => text.match(/\benv\.(?!DATABASE_URL\b)\w*URL\w*|["'`]\w+:\/\/[^"'`\n]+/g) ?? []
  const stays = new Set(elsewhere(after))
  return elsewhere(before).some((each) => !stays.has(each))
}

/** So many lines show what it is about; a dry run shows all. */
const LINES = 3

function isAddition(before: string, after: string): boolean {
  const [old, wanted] = [readDatasource(before), readDatasource(after)]
  const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)
  if (!old || !wanted) return false
  if (!same(old.url, wanted.url)) return true
  return wanted.directUrl !== null && !same(old.directUrl, wanted.directUrl)
}

/** What a plan leaves to be edited by hand. It may be in order, unless it connects where no test run replaces the URL. */
export function notUnderstood({ refusals }: Plan, { app }: Facts): Change[] {
  const { schema, dbClient, prismaConfig } = app.paths
  return refusals.flatMap(({ path, reason, line, snippet, endangersTests }): Change[] => {
    const text = app.snapshot.files.get(path) ?? ''
    // Another service's client may be called db too.
    if (path === dbClient && !/prisma/i.test(text)) return []
    const isWrong = endangersTests === true && leadsElsewhere(text, '')
    if (!isWrong && ![schema, dbClient, prismaConfig].includes(path)) return []
    const code = isWrong ? 'test-database' : 'not-understood'
    const severity = isWrong ? 'error' : 'warning'
    const detail = `${WORDS[code].title}: ${reason}`
    return [{ code, severity, path, line: line ?? 1, detail, fix: `Write what it should be by hand: ${snippet}` }]
  })
}

function firstDifference(before: string, after: string): { line: number; added: string[] } {
  const [old, lines] = [before.split(/\r?\n/), after.split(/\r?\n/)]
  const index = lines.findIndex((text, at) => text !== old[at])
  const added = lines.filter((text) => text.trim() !== '' && !old.includes(text)).map((text) => text.trim())
  return { line: Math.min(index + 1, old.length), added }
}
