import { readEnv } from '../../../codemods/env/dotenv-lex.ts'
import { envPaths } from '../facts.ts'
import type { FilesCheck, Found } from '../types.ts'

/** Where the URL names no server, `pg` takes the one in these, also in a test run. */
export const pgEnvironment: FilesCheck = {
  code: 'pg-environment',
  title: 'PGHOST names a server elsewhere',
  why: 'The driver connects to it wherever DATABASE_URL is unset, in a test run too.',
  fix: 'Take PGHOST out; psql can be given its server as an argument.',
  needs: 'files',
  run({ app, shell }) {
    const client = app.paths.dbClient === null ? '' : app.snapshot.files.get(app.paths.dbClient)!
    if (!client.includes('@prisma/adapter-pg')) return []
    const inFiles = envPaths(app).flatMap((path) =>
      readEnv(app.snapshot.files.get(path)!)
        .filter(({ name, value }) => name === 'PGHOST' && isElsewhere(value))
        .map(({ line }): Found => ({ ...finding(path), path, line })),
    )
    // A framework's own command has put the files' variables into the environment.
    const inShell = inFiles.length === 0 && isElsewhere(shell.PGHOST ?? '')
    return inShell ? [{ ...finding('the shell'), path: '.env', line: 1 }] : inFiles
  },
}

function isElsewhere(host: string): boolean {
  return host !== '' && !/^(localhost|127(\.\d+){3}|::1|\/.*)$/.test(host)
}

function finding(where: string): Pick<Found, 'severity' | 'detail' | 'fix'> {
  return {
    severity: 'warning',
    detail: `PGHOST in ${where} names a server elsewhere.`,
    fix: `Take PGHOST out of ${where}; psql can be given its server as an argument.`,
  }
}
