/** What looks like a connection string, wherever it stands in an argument. `file:` URLs hold no secret. */
const CONNECTION_STRING = /\b(?!https?:|git|ssh|file|npm)[a-z][a-z0-9+.-]*:\/\/[^\s]/i
/** `user:password@host`; no path, since those begin with a slash, a dot or a drive. */
const CREDENTIALS = /(?:^|[=\s'"])(?![a-z]:[\\/])[^\s:@/]+:[^\s@]+@[^\s]/i
const NAMED = /(?:pass(?:word|wd)?|pwd|api_?key)\s*=/i

/**
 * Why a command line is refused, or null when it holds no connection string and no part of one. The argument itself is
 * not repeated: this text goes to terminals and logs too.
 */
export function findConnectionString(argv: readonly string[]): string | null {
  const patterns = [CONNECTION_STRING, CREDENTIALS, NAMED]
  if (!argv.some((argument) => patterns.some((pattern) => pattern.test(argument)))) return null
  return [
    'A connection string, or a part of one, was given as an argument. It was not used, and is not repeated here.',
    'Arguments end up in the shell history, in `ps` and in telemetry: if its password is real, change it.',
    'Give it at the prompt instead, or in the environment: POOLING_DATABASE_URL, POOLING_DIRECT_URL,',
    'POOLING_TEST_DATABASE_URL, POOLING_REPLICA_URLS.',
  ].join('\n')
}
