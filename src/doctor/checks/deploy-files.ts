import { RUNTIME } from '../../../codemods/env/files.ts'
import { lineAt } from '../../../codemods/text/edit.ts'
import { type ConnectionString, isLocal, readUrl } from '../../connection/connection-string.ts'
import { isNear } from '../../providers/tls.ts'
import type { Facts, FilesCheck } from '../types.ts'

export const deployWithoutDirect: FilesCheck = {
  code: 'deploy-without-direct',
  title: 'A deploy file sets the pooled URL alone',
  why: 'Migrations that run there find no direct URL, and stop with P1012.',
  fix: 'Set the direct variable beside it, to the same database.',
  run: ({ app }) =>
    app.deploy
      .filter(({ text, databaseUrl }) => {
        const { direct } = app.names
        return databaseUrl !== null && direct !== null && direct !== RUNTIME && !text.includes(direct)
      })
      .map(({ path, text }) => ({
        severity: 'warning',
        path,
        line: lineAt(text, text.indexOf(RUNTIME)),
        detail: `${path} sets ${RUNTIME} without ${app.names.direct}.`,
      })),
}

export const committedPassword: FilesCheck = {
  code: 'committed-password',
  title: 'A deploy file holds a password',
  why: 'Everyone who can read the repository, now or later, can read the database.',
  fix: "Put the URL into the host's variables, and change the password.",
  run: (facts) =>
    urlsIn(facts)
      .filter(({ url }) => url.password !== null && !isNear(url))
      .map(({ path, line }) => ({ severity: 'error', path, line })),
}

export const composeLocalhost: FilesCheck = {
  code: 'compose-localhost',
  title: 'A container connects to localhost',
  why: 'Inside a container that is the container itself: nothing listens there.',
  fix: "Use the name of the database's service as the host.",
  seen: [/P1001/, /Can't reach database server at `?(localhost|127\.0\.0\.1)/],
  run: (facts) =>
    urlsIn(facts)
      .filter(({ path, url }) => /compose/.test(path) && isLocal(url))
      .map(({ path, line }) => ({ severity: 'error', path, line })),
}

const URL = /\b(?:postgres(?:ql)?|mysql|mariadb):\/\/[^\s"'`]+/g

function urlsIn({ app }: Facts): { path: string; line: number; url: ConnectionString }[] {
  return app.deploy.flatMap(({ path, text }) =>
    [...text.matchAll(URL)].flatMap(({ 0: found, index }) => {
      const url = readUrl(found)
      return url ? [{ path, line: lineAt(text, index), url }] : []
    }),
  )
}
