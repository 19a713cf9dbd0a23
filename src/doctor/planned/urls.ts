import { isCommittedEnvFile, RUNTIME, TEST } from '../../../codemods/env/files.ts'
import type { Recognised } from '../../providers/types.ts'
import type { EnvUrl, Facts } from '../types.ts'

/** The connection strings of one env file, as the app would have them with it. */
export interface Urls {
  runtime: EnvUrl | null
  direct: EnvUrl | null
  test: EnvUrl | null
  /** What the runtime's leads to; `null` for a server that nothing gives away, or none. */
  known: Recognised | null
}

/** Those of `.env`, and of every file that wins over it in some environment. */
export function urlsOf({ app, urls, runtime, direct, test }: Facts): Urls[] {
  const name = app.names.runtime ?? RUNTIME
  const own = (path: string, of: string | null) =>
    urls.findLast((each) => each.path === path && each.name === of && each.url !== null) ?? null
  const others = [...new Set(urls.map(({ path }) => path))].filter(
    (path) => path !== '.env' && !isCommittedEnvFile(path) && own(path, name) !== null,
  )
  const all = others.map((path) => ({
    runtime: own(path, name),
    direct: own(path, app.names.direct) ?? direct,
    test: own(path, TEST) ?? test,
  }))
  return [{ runtime, direct, test }, ...all].map((each) => ({
    ...each,
    direct: each.direct?.name === name ? null : each.direct,
    known: each.runtime?.recognised ?? null,
  }))
}

/** It leads to a provider's server, for which a plan is what the provider says. */
export function isKnown({ known }: Urls): boolean {
  return known !== null && (known.role !== 'local' || known.provider !== 'other')
}

export function isPooled({ known }: Urls): boolean {
  return known?.role === 'pooled' && known.mode !== 'session'
}
