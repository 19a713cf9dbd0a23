import { envEntries } from '../facts.ts'
import type { FilesCheck } from '../types.ts'

/** Where the URL names no server, `pg` takes the one in these, also in a test run. */
export const pgEnvironment: FilesCheck = {
  code: 'pg-environment',
  title: 'PGHOST names a server elsewhere',
  why: 'The driver connects to it wherever DATABASE_URL is unset, in a test run too.',
  fix: 'Take PGHOST out; psql can be given its server as an argument.',
  run({ app, shell }) {
    const client = app.snapshot.files.get(app.paths.dbClient ?? '') ?? ''
    if (!client.includes('@prisma/adapter-pg')) return []
    const inFiles = envEntries(app).filter(({ name, value }) => name === 'PGHOST' && isElsewhere(value))
    const places = inFiles.map(({ path, line }) => ({ path, line, where: path }))
    // A framework's own command has put the files' variables into the environment.
    if (places.length === 0 && isElsewhere(shell.PGHOST ?? ''))
      places.push({ path: '.env', line: 1, where: 'the shell' })
    return places.map(({ path, line, where }) => ({
      severity: 'warning',
      path,
      line,
      detail: `PGHOST in ${where} names a server elsewhere.`,
      fix: `Take PGHOST out of ${where}; psql can be given its server as an argument.`,
    }))
  },
}

function isElsewhere(host: string): boolean {
  return host !== '' && !/^(localhost|127(\.\d+){3}|::1|\/.*)$/.test(host)
}
