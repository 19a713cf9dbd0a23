import type { EnvUrl, Facts, FilesCheck, Found } from '../types.ts'

/** Which connection Prisma's CLI takes, and whether a pooler is in its way. */
export const directIsPooled: FilesCheck = {
  code: 'direct-is-pooled',
  title: '',
  why: '',
  fix: '',
  needs: 'files',
  run(facts) {
    const { app, runtime, direct } = facts
    if (direct && direct.value !== runtime?.value) {
      return isTransactionPooler(direct) ? [found(direct, `${direct.name} goes through a pooler`)] : []
    }
    const hasDirect = app.names.direct !== null && app.names.direct !== runtime?.name
    if (!runtime || hasDirect || isSameInSchema(facts) || !isTransactionPooler(runtime)) return []
    return [found(runtime, `${runtime.name} goes through a pooler, and there is no direct URL beside it`)]
  },
}

function found({ path, line, recognised }: EnvUrl, what: string): Found {
  return {
    severity: 'error',
    path,
    line,
    detail: `${what} (${recognised!.service}): migrations through one fail, and can leave a lock behind that blocks the next ones.`,
    fix: 'Set the direct URL up: run `pooling` with the provider’s name, which derives it or asks for it.',
  }
}

function isTransactionPooler({ recognised }: EnvUrl): boolean {
  return recognised?.role === 'pooled' && recognised.kind === 'postgresql' && recognised.mode !== 'session'
}

/** Said by `same-url`. */
function isSameInSchema({ app: { datasource } }: Facts): boolean {
  return datasource?.directUrl != null && JSON.stringify(datasource.directUrl) === JSON.stringify(datasource.url)
}
