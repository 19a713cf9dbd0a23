import { chmod, rm } from 'node:fs/promises'
import path from 'node:path'
import process from 'node:process'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Built, buildProgram } from '../../support/built.ts'
import type { App } from '../support/app.ts'
import { cedarApp } from '../support/cedar-app.ts'
import { pooling } from '../support/in-app.ts'
import { type Pgbouncer, startPgbouncer } from '../support/pgbouncer.ts'
import { type Postgres, startPostgres } from '../support/postgres.ts'
import { must } from '../support/process.ts'
import { pictureOf } from './picture.ts'
import { KEYS, ptySession } from './session.ts'

const COLUMNS = 88

let built: Built
let postgres: Postgres
let pgbouncer: Pgbouncer
let app: App

beforeAll(async () => {
  built = buildProgram()
  postgres = await startPostgres()
  pgbouncer = await startPgbouncer({ target: postgres })
  await postgres.createDatabase('shop')
  await postgres.createDatabase('shop_test')
  app = await cedarApp({ language: 'ts' })
  await chmod(path.join(app.root, '.env'), 0o600)
  await must('git', ['init', '-q'], { cwd: app.root })
  // On PostgreSQL without a pooler, as most apps are before.
  await pooling(app, ['other'], { POOLING_DATABASE_URL: postgres.url('shop') })
  await rm(path.join(app.root, '.cedar/pooling'), { recursive: true })
  await must('git', ['add', '-A'], { cwd: app.root })
  await must('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', 'commit', '-qm', 'app'], { cwd: app.root })
})
afterAll(async () => {
  await app?.dispose()
  await pgbouncer?.stop()
  await postgres?.stop()
  built?.dispose()
})

it('is the session that README shows', async () => {
  const steps = [
    { expect: 'Where does the database live?', keys: 'pgb\r' },
    { expect: 'Which database is it?', keys: KEYS.enter },
    { expect: 'Paste the', keys: `${pgbouncer.url('shop')}\r` },
    { expect: 'Paste the direct', keys: `${postgres.url('shop')}\r` },
    { expect: 'Which test database?', keys: `${KEYS.up}\r` },
    { expect: 'Paste the connection string', keys: `${postgres.url('shop_test')}\r` },
    { expect: 'Where does the api side run?', keys: KEYS.enter },
    { expect: 'Apply this plan?', keys: 'y' },
  ]
  const { exitCode, output } = await ptySession([process.execPath, built.bin], steps, {
    cwd: app.root,
    columns: COLUMNS,
    env: { PATH: process.env.PATH, ...app.env, REDWOOD_POOLING_INVOCATION: 'yarn cedar setup pooling' },
  })
  expect(exitCode).toBe(0)
  const shown = output
    .replaceAll(String(pgbouncer.port), '6432')
    .replaceAll(String(postgres.port), '5432')
    .replaceAll(/ ?\[\d+(\.\d+)?m?s\]/g, '')
  await expect(pictureOf(shown, COLUMNS, 'A session of the command')).toMatchFileSnapshot('../../../docs/session.svg')
})
