import type { EnvTarget } from '../../codemods/dotenv.ts'

/** A target as JSON can hold it: `when` is the beginning of the values that it is limited to. */
type Written = Omit<EnvTarget, 'comment' | 'remove'> & {
  comment?: { name: string; reason: string; when?: string }[]
  remove?: { name: string; comment?: string[]; when?: string }[]
}

/** What a fixture without a `want.json` is brought to: a pooled and a direct URL, and a hint for tests. */
const POOLED: Written = {
  set: [
    { name: 'DATABASE_URL', value: 'postgresql://app:canary@pool.example.net:6543/app?pgbouncer=true' },
    { name: 'DIRECT_URL', value: 'postgresql://app:canary@db.example.net:5432/app' },
  ],
  placeholder: [{ name: 'TEST_DATABASE_URL', example: 'postgresql://USER:PASSWORD@HOST:5432/test' }],
}

export function readEnvTarget(json: string | null): EnvTarget {
  const written: Written = json === null ? POOLED : JSON.parse(json)
  const limited = <T extends { when?: string }>(one: T) => {
    const { when: prefix, ...rest } = one
    return prefix === undefined ? rest : { ...rest, when: (value: string) => value.startsWith(prefix) }
  }
  return {
    ...written,
    comment: written.comment?.map(limited) ?? [],
    remove: written.remove?.map(limited) ?? [],
  }
}
