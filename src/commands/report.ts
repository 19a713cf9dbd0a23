import { maskText, secretsOf } from '../connection/mask.ts'
import { ActionableError, EXIT, type ExitCode } from '../errors.ts'
import { exitCodeOf, renderError } from '../view/errors.ts'
import type { Arguments, Io } from './execute.ts'

/** Says on stderr what went wrong and, with `--json`, on stdout that it did. Returns the exit code. */
export function report(error: unknown, argv: Arguments, io: Io): ExitCode {
  const mask = (text: string) => maskText(text, inputSecrets(io.env))
  const { color, stderr, stdout } = io.terminal
  stderr.write(renderError(error, { color, columns: stderr.columns, verbose: argv.verbose === true, mask }))
  const exitCode = exitCodeOf(error)
  if (argv.json === true) stdout.write(`${JSON.stringify(failure(error, exitCode, mask), null, 2)}\n`)
  return exitCode
}

/** What a dependency throws may quote what it was given. */
function inputSecrets(env: NodeJS.ProcessEnv): string[] {
  return Object.entries(env)
    .filter(([name]) => /^POOLING_|_URLS?$/.test(name))
    .flatMap(([, value]) => (value ?? '').split(','))
    .flatMap((url) => secretsOf(url))
}

function failure(error: unknown, exitCode: ExitCode, mask: (text: string) => string) {
  const known = error instanceof ActionableError
  return {
    schemaVersion: 1,
    status: exitCode === EXIT.failed ? 'failed' : 'refused',
    files: [],
    env: [],
    packages: { add: [], remove: [] },
    commands: [],
    hostEnv: [],
    warnings: [],
    refusals: [],
    next: known && error.fix !== undefined ? [mask(error.fix)] : [],
    error: {
      code: known ? error.code : 'unexpected',
      message: known ? mask(error.message) : 'Unexpected error; run again with --verbose.',
    },
  }
}
