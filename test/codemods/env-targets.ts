import type { EnvTarget } from '../../codemods/env/target.ts'

/** A target as JSON can hold it: `when` and `outdated` are the beginning of the values that they apply to. */
type Written = Omit<EnvTarget, 'comment' | 'placeholder' | 'remove'> & {
  comment?: { name: string; reason: string; when?: string }[]
  placeholder?: { name: string; example: string; comment?: string[]; after?: string; outdated?: string }[]
  remove?: { name: string; comment?: string[]; when?: string }[]
}

/** What a fixture that wants nothing else is brought to: a pooled and a direct URL, and a hint for tests. */
const POOLED: Written = {
  set: [
    { name: 'DATABASE_URL', value: 'postgresql://app:canary@pool.example.net:6543/app?pgbouncer=true' },
    { name: 'DIRECT_URL', value: 'postgresql://app:canary@db.example.net:5432/app' },
  ],
  placeholder: [{ name: 'TEST_DATABASE_URL', example: 'postgresql://USER:PASSWORD@HOST:5432/test' }],
}

export function readEnvTarget(json: string | null): EnvTarget {
  const written: Written = json === null ? POOLED : JSON.parse(json)
  const startsWith = (prefix: string | undefined) =>
    prefix === undefined ? undefined : (value: string) => value.startsWith(prefix)
  const { comment = [], placeholder = [], remove = [] } = written
  return {
    ...written,
    comment: comment.map((one) => ({ ...one, when: startsWith(one.when) })),
    placeholder: placeholder.map((one) => ({ ...one, outdated: startsWith(one.outdated) })),
    remove: remove.map((one) => ({ ...one, when: startsWith(one.when) })),
  }
}
