import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { REDWOOD_7_POSTGRES, testApp } from '../support/apps.ts'
import { cli } from '../support/cli.ts'
import { INPUTS } from '../support/inputs.ts'
import { type Postgres, startPostgres } from './support/postgres.ts'

const BIN = '/usr/lib/postgresql/15/bin'

let postgres: Postgres
beforeAll(async () => {
  postgres = await startPostgres({ tls: 'required' })
})
afterAll(() => postgres?.stop())

it('copies a database with the commands that are given to who leaves Prisma’s own Postgres', async () => {
  await postgres.createDatabase('old')
  await postgres.createDatabase('new')
  const rows = 'select name::text from "Shop" order by id'
  await postgres.query(
    `create extension citext; create schema stock; create table stock.item (id int);
     create table "Shop" (id serial primary key, name citext); insert into "Shop" (name) values ('a'), ('B')`,
    'old',
  )
  const { host, port, password } = postgres
  const app = testApp({
    ...REDWOOD_7_POSTGRES,
    '.env': 'DATABASE_URL="prisma+postgres://accelerate.prisma-data.net/?api_key=x"\n',
  })
  const { json } = await cli(['neon', '--yes', '--json', '--dry-run'], { cwd: app.root, env: INPUTS.neon })
  app.dispose()
  const commands = json().next.filter((step) => step.startsWith('pg_'))
  expect(commands).toHaveLength(2)
  const cwd = mkdtempSync(join(tmpdir(), 'move-data-'))
  for (const command of commands) {
    const own = command
      .replace('USER@db.prisma.io:5432/postgres', `postgres@${host}:${port}/old`)
      .replace('USER@HOST:5432/DATABASE', `postgres@${host}:${port}/new`)
    await execa('sh', ['-c', own], {
      cwd,
      env: { PGPASSWORD: password, PATH: `${BIN}:${process.env.PATH}` },
    })
  }
  expect(await postgres.query(rows, 'new')).toEqual([{ name: 'a' }, { name: 'B' }])
  expect(await postgres.query('select * from stock.item', 'new')).toEqual([])
})
