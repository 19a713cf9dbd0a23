import { readEnv } from '../../codemods/env/dotenv-lex.ts'
import { isEnvFile } from '../../codemods/env/files.ts'
import { splitUrls } from '../connection/connection-string.ts'
import { MASK, maskText, maskUrl, maskUrls, secretsOf, URLS } from '../connection/mask.ts'
import type { FileChange, Plan } from '../plan/types.ts'
import { isSecretFile } from '../providers/pgbouncer-files.ts'
import { isUrl, maskEnvText } from './env-mask.ts'

export type Masks = ReturnType<typeof planMasks>

/** What hides the secrets of one plan, wherever they turn up. */
export function planMasks({ files, env }: Pick<Plan, 'files' | 'env'>) {
  const texts = files.flatMap((change) =>
    [change.before, change.after].map((text) => ({ ...change, text: text ?? '' })),
  )
  const urls = [
    ...env.map(({ value }) => value),
    ...texts.flatMap(({ path, text }) => (isEnvFile(path) ? readEnv(text).map(({ value }) => value) : [])),
    ...texts.flatMap(({ text }) => text.match(URLS) ?? []),
  ].filter((value) => value.includes(':'))
  const secrets = [...new Set(urls.flatMap(splitUrls).flatMap(secretsOf))]
  const text = (given: string) => maskText(maskUrls(given), secrets)
  return {
    /** A file's text, with as many lines as it had. */
    file: (change: FileChange, given: string) => {
      if (isEnvFile(change.path)) return maskText(maskEnvText(given), secrets)
      return isSecretFile(change.path) ? given.replace(/[^\r\n]+/g, MASK) : text(given)
    },
    /** The value of an environment variable. */
    value: (value: string) => (isUrl(value) ? maskText(splitUrls(value).map(maskUrl).join(','), secrets) : MASK),
    /** Prose, snippets and anything else. */
    text,
  }
}
