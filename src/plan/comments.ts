import { type EnvEntry, readEnv } from '../../codemods/env/dotenv-lex.ts'

/**
 * The comment that we write above an assignment; a later run recognises our lines by it. It names no
 * provider, so that a switch leaves it true.
 */
export const COMMENTS = {
  runtime: "The app's own connection, through the pooler where there is one.",
  direct: 'Direct connection for migrations, Studio and introspection: past the pooler.',
  shadow: 'For `prisma migrate dev` alone, which empties it each time.',
  replicas: 'Read replicas, comma separated.',
  test: 'Tests reset this database: never point it at one that you care about.',
} as const

/** The assignments under one of these comments. */
export function underComment<T extends string>(text: string, comments: readonly T[]): (EnvEntry & { comment: T })[] {
  const lines = text.split(/\r?\n/)
  return readEnv(text).flatMap((entry) => {
    const comment = comments.find((each) => lines[entry.line - 2]?.trim() === `# ${each}`)
    return comment === undefined ? [] : [{ ...entry, comment }]
  })
}
