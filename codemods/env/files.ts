/** What the runtime connects with. Both frameworks' test harnesses replace this variable and no other. */
export const RUNTIME = 'DATABASE_URL'
/** What both harnesses replace it with. */
export const TEST = 'TEST_DATABASE_URL'

/** Whether a harness, Node, a shell, a driver, Prisma or this command gives the name a meaning of its own. */
export function isTakenName(name: string): boolean {
  return TAKEN.test(name)
}

const TAKEN = new RegExp(
  [
    '^(TEST|NODE|NPM|RWJS|REDWOOD|CEDAR|POOLING|DOTENV)_',
    '^PRISMA_(?!.*URL$)',
    '^PG[A-Z]+$',
    '^(DATABASE_(URL|POOL_MAX|REPLICA_URLS)|SHADOW_DATABASE_URL|SKIP_DB_PUSH)$',
    '^(PATH|HOME|USER|LOGNAME|SHELL|TERM|PWD|LANG|TZ|TMPDIR|TEMP|TMP|CI|PORT|HOST|HOSTNAME)$',
  ].join('|'),
  'i',
)

/** `.env` and `.env.<anything>`, in whatever folder, and what editors leave of one: each may hold secrets. */
export function isEnvFile(path: string): boolean {
  return /(^|\/)\.env([.~][^/]*)?$/.test(path)
}

/** One that a framework, Prisma or a shell may load: neither a template nor a copy that was put aside. */
export function isLoadedEnvFile(path: string): boolean {
  return isEnvFile(path) && !isEnvTemplate(path) && !/(\.(bak|backup|old|orig|save|swp|tmp)|~)$/.test(path)
}

/** One that is in Git to be copied; nothing reads it. */
export function isEnvTemplate(path: string): boolean {
  return isEnvFile(path) && /\.(example|sample|template|dist)(~|\.|$)/.test(path)
}

/** One that is in Git by convention, so that a secret in it would leave the machine with the next push. */
export function isCommittedEnvFile(path: string): boolean {
  return isEnvTemplate(path) || (isEnvFile(path) && path.endsWith('.env.defaults'))
}

/** The NODE_ENV at which both frameworks load a file over `.env` and the shell; copies and templates have none. */
export function nodeEnvOf(path: string): string | null {
  return isLoadedEnvFile(path) ? (/^\.env\.(?!defaults$)([\w-]+)$/.exec(path)?.[1] ?? null) : null
}
