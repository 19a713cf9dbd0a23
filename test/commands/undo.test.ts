import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CEDAR_5, REDWOOD_8, type TestApp, testApp } from '../support/apps.ts'
import { cli } from '../support/cli.ts'
import { INPUTS } from '../support/inputs.ts'

let app: TestApp
beforeEach(() => {
  app = testApp(REDWOOD_8)
})
afterEach(() => app.dispose())

const SCHEMA = 'api/db/schema.prisma'

function run(words: string) {
  const env = words.startsWith('supabase') ? INPUTS.supabase : INPUTS.neon
  return cli(words.split(' '), { cwd: app.root, env })
}

const SET_UP = '--yes --no-install --no-verify'

/** Sets the app up, then edits one file, and takes another away. */
async function edited(): Promise<void> {
  await run(`neon ${SET_UP}`)
  app.write(SCHEMA, `${app.text(SCHEMA)}\nmodel Mine {\n  id   Int @id\n}\n`)
  app.remove('.env.example')
}

describe('an undo that would lose later edits', () => {
  it('is refused before anything is shown as if it were done, with both halves of each conflict as they are', async () => {
    await edited()
    const before = app.read()
    const { exitCode, stdout, stderr } = await run('undo --yes')
    expect(exitCode).toBe(1)
    expect(stdout).toBe('')
    expect(stderr).toBe(`Error: Edited after \`pooling neon\` had written them: .env.example,
api/db/schema.prisma. Nothing was undone.

.env.example
  What \`pooling neon\` did, and undo takes back:
    @@ -1,3 +1,5 @@
    -# DATABASE_URL=file:./dev.db
    -# TEST_DATABASE_URL=file:./.redwood/test.db
    +# DATABASE_URL=postgresql://USER:***@HOST:5432/database
    +# Direct connection for migrations, Studio and introspection: past the pooler.
    +# DIRECT_URL=postgresql://USER:***@HOST:5432/database
    +# TEST_DATABASE_URL=postgresql://USER:***@HOST:5432/test_database
     # LOG_LEVEL=***
  What was done since, and undo would lose: the file was deleted.

api/db/schema.prisma
  What \`pooling neon\` did, and undo takes back:
    @@ -1,8 +1,9 @@
     // a comment that stays
${' '.repeat(5)}
     datasource db {
    -  provider = "sqlite"
    +  provider = "postgresql"
       url      = env("DATABASE_URL")
    +  directUrl = env("DIRECT_URL")
     }
${' '.repeat(5)}
     generator client {
  What was done since, and undo would lose:
    @@ -16,3 +16,7 @@
       email String  @unique
       name  String?
     }
    +
    +model Mine {
    +  id   Int @id
    +}

Take the later edits back by hand, then run \`yarn rw setup pooling undo\` again.
Or let it restore the files as they were found and keep yours aside, saying where: \`yarn rw setup pooling undo --force\`
`)
    expect(app.read()).toEqual(before)
  })

  it('is told of by --dry-run, which changes nothing', async () => {
    await edited()
    const before = app.read()
    const { exitCode, stdout } = await run('undo --dry-run')
    expect(exitCode).toBe(0)
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      'Edited after `pooling neon` had written them: .env.example, api/db/schema.prisma. Without --force nothing is undone',
    )
    const document = (await run('undo --dry-run --json')).json()
    expect(document).toMatchObject({ status: 'planned', warnings: [{ code: 'edited-since' }] })
    expect(app.read()).toEqual(before)
  })

  it('with --force keeps theirs aside, says where, and is exact', async () => {
    const before = app.read()
    await edited()
    const mine = app.text(SCHEMA)
    const { exitCode, stderr } = await run('undo --yes --force')
    expect(exitCode).toBe(0)
    const place = /Your own edit of api\/db\/schema\.prisma is kept in (\S+)\.\n/.exec(stderr)?.[1]
    expect(app.text(place!)).toBe(mine)
    expect(app.read()).toEqual(before)
  })
})

it('steps are taken back one by one, and each says how many are left', async () => {
  const states = [app.read()]
  for (const words of ['neon', 'neon --connection-limit 3', 'supabase']) {
    await run(`${words} ${SET_UP}`)
    states.push(app.read())
  }
  const said = []
  while (states.length > 1) {
    expect(app.read()).toEqual(states.pop())
    const { exitCode, stderr } = await run('undo --yes')
    expect(exitCode).toBe(0)
    said.push(/\d+ earlier steps? can/.exec(stderr)?.[0] ?? 'none')
  }
  expect(app.read()).toEqual(states[0])
  expect(said).toEqual(['2 earlier steps can', '1 earlier step can', 'none'])
  const nothing = await run('undo --yes')
  expect(nothing).toMatchObject({ exitCode: 0, stdout: '' })
  expect(nothing.stderr).toContain('Nothing to undo')
})

describe('numbers that were changed on lines of ours', () => {
  const DB = 'api/src/lib/db.ts'
  const cedar = (words: string) => cli(words.split(' '), { cwd: app.root, env: INPUTS.neon })
  const change = (from: RegExp | string, to: string) => app.write(DB, app.text(DB).replace(from, to))

  beforeEach(async () => {
    app.dispose()
    app = testApp(CEDAR_5)
  })

  it('are no conflict, go with their lines, and that is said', async () => {
    const before = app.read()
    expect((await cedar(`neon ${SET_UP} --json`)).json().status).toBe('applied')
    change('max: 3', 'max: 5')
    const undone = await cedar('undo --yes --json')
    expect(undone.json().status).toBe('undone')
    expect(undone.json().warnings).toContainEqual({
      code: 'edited-numbers',
      message: `The numbers that you changed in ${DB} go with their lines.`,
    })
    expect(app.read()).toEqual(before)
  })

  it.each([
    ['another word on the line', 'max: 3', 'min: 3'],
    ['a line more', /max: 3.*/, 'max: 5,\n  min: 1,'],
    ["a number on a line that isn't ours", '// for options.', '// for 2 options.'],
  ])('are a conflict together with %s', async (_, from, to) => {
    await cedar(`neon ${SET_UP}`)
    change(from, to)
    expect((await cedar('undo --yes')).stderr).toContain('Edited after')
  })
})
