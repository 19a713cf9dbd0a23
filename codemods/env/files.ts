/** What the runtime connects with. Both frameworks' test harnesses replace this variable and no other. */
export const RUNTIME = 'DATABASE_URL'
/** What both harnesses replace it with. */
export const TEST = 'TEST_DATABASE_URL'

/** `.env` and `.env.<anything>`, in whatever folder. */
export function isEnvFile(path: string): boolean {
  return /(^|\/)\.env(\.[^/]*)?$/.test(path)
}

/** One that is in Git to be copied; nothing reads it. */
export function isEnvTemplate(path: string): boolean {
  return isEnvFile(path) && /\.(example|sample|template)$/.test(path)
}

/** One that is in Git by convention, so that a secret in it would leave the machine with the next push. */
export function isCommittedEnvFile(path: string): boolean {
  return isEnvTemplate(path) || (isEnvFile(path) && path.endsWith('.env.defaults'))
}
