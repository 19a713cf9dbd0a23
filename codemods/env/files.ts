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
