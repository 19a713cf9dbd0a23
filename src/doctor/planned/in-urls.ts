import { sentence } from '../../base/words.ts'
import { type Parameter, param, parseConnectionString } from '../../connection/connection-string.ts'
import { meantBy } from '../../connection/spelling.ts'
import type { Plan } from '../../plan/types.ts'
import type { Runtime } from '../../providers/types.ts'
import type { Change, Code } from './codes.ts'
import { isPooled, type Urls } from './urls.ts'

/** By the names of parameters; the first that fits. */
const BY_PARAMETER: [RegExp, Code][] = [
  [/^pgbouncer$/, 'pgbouncer-flag'],
  [/^(connection_limit|connectionLimit)$/, 'connection-limit'],
  [/^(ssl|uselibpq)/, 'tls-parameters'],
  [/./, 'url-parameters'],
]

/** What a plan would change in the query of each connection string. */
export function inUrls({ env, reasons }: Plan, runtime: Runtime | null, urls: Urls): Change[] {
  return env.flatMap(({ name, value }) => {
    const at = [urls.runtime, urls.direct, urls.test].find((each) => each?.name === name)
    const wanted = parseConnectionString(value)
    if (!at?.url || !('url' in wanted)) return []
    const lacks = wanted.url.params.filter((each) => param(at.url!, each.name) !== each.value)
    const tooMuch = at.url.params.filter((each) => param(wanted.url, each.name) === null)
    const change = (code: Code, params: readonly Parameter[], list: string, because: string): Change => {
      const names = params.map((each) => each.name)
      const reason = reasons.find((each) => names.some((param) => each.startsWith(param + because)))
      return {
        code,
        severity: isError(code, runtime, urls) ? 'error' : 'warning',
        path: at.path,
        line: at.line,
        detail: `${name} ${list}.`,
        why: reason && sentence(reason.slice(reason.indexOf(': ') + 2)),
      }
    }
    const isUnknown = (each: Parameter) => meantBy(each.name, at.url!) !== null
    return [
      ...grouped(lacks, codeOf).map(([code, all]) =>
        change(code, all, `should have ${all.map((each) => `${each.name}=${each.value}`).join('&')}`, '='),
      ),
      ...grouped(tooMuch, (each) => (isUnknown(each) ? 'unknown-parameter' : 'dead-parameters')).map(([code, all]) =>
        change(code, all, `has ${all.map((each) => each.name).join(', ')}`, ' is taken out'),
      ),
    ]
  })
}

function codeOf({ name }: Parameter): Code {
  return BY_PARAMETER.find(([names]) => names.test(name))![1]
}

function grouped(params: readonly Parameter[], codeOf: (each: Parameter) => Code): [Code, Parameter[]][] {
  const codes = [...new Set(params.map(codeOf))]
  return codes.map((code) => [code, params.filter((each) => codeOf(each) === code)])
}

function isError(code: Code, runtime: Runtime | null, urls: Urls): boolean {
  return code === 'pgbouncer-flag' || (code === 'connection-limit' && runtime === 'serverless' && !isPooled(urls))
}
