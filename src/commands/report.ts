import type { ExitCode } from '../base/errors.ts'
import { maskText, secretsOf } from '../connection/mask.ts'
import { exitCodeOf, renderError } from '../view/errors.ts'
import { errorToJson, printJson, type Subject } from '../view/json.ts'
import type { Arguments, Io } from './io.ts'

/** Says on stderr what went wrong and, with `--json`, on stdout that it did. Returns the exit code. */
export function report(error: unknown, command: string, argv: Arguments, io: Io, subject?: Subject): ExitCode {
  const secrets = inputSecrets(io.env)
  const mask = (text: string) => maskText(text, secrets)
  const { color, stderr, stdout } = io.terminal
  stderr.write(renderError(error, { color, columns: stderr.columns, verbose: argv.verbose === true, mask }))
  if (argv.json === true) stdout.write(printJson(errorToJson(command, error, mask, subject)))
  return exitCodeOf(error)
}

/** What a dependency throws, or a child prints, may quote what it was given. */
export function inputSecrets(env: NodeJS.ProcessEnv): string[] {
  return Object.entries(env)
    .filter(([name]) => /^POOLING_|_URLS?$/.test(name))
    .flatMap(([, value]) => (value ?? '').split(','))
    .flatMap(secretsOf)
}
