import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CEDAR_5, REDWOOD_8, type TestApp, testApp } from '../support/apps.ts'
import { cli } from '../support/cli.ts'
import { INPUTS, PASSWORD } from '../support/inputs.ts'

let app: TestApp
beforeEach(() => {
  app = testApp(REDWOOD_8)
})
afterEach(() => app.dispose())

const SCHEMA = 'api/db/schema.prisma'

function run(words: string) {
  const provider = (['supabase', 'pgbouncer'] as const).find((each) => words.startsWith(each)) ?? 'neon'
  return cli(words.split(' '), { cwd: app.root, env: INPUTS[provider] })
}

const SET_UP = '--yes --no-install --no-verify'

/** Sets the app up, then adds a model, changes a line of ours beside it, and takes a file away. */
async function edited(): Promise<void> {
  await run(`neon ${SET_UP}`)
  app.write(SCHEMA, `${app.text(SCHEMA)}${MODEL}`.replace('env("DIRECT_URL")', 'env("MY_URL")'))
  app.remove('.env.example')
}

const MODEL = '\nmodel Mine {\n  id   Int @id\n}\n'

it('undo keeps a model and a variable that were added since', async () => {
  const before = app.read()
  expect((await run(`neon ${SET_UP} --json`)).json().status).toBe('applied')
  app.write(SCHEMA, app.text(SCHEMA) + MODEL)
  app.write('.env', `FIRST=1\n${app.text('.env')}LAST=2\n`)
  const { exitCode, stderr } = await run('undo --yes')
  expect(stderr).not.toContain('kept')
  expect(exitCode).toBe(0)
  const text = (path: string) => before.get(path)!.text
  expect(app.text(SCHEMA)).toBe(text(SCHEMA) + MODEL)
  expect(app.text('.env')).toBe(`FIRST=1\n${text('.env')}LAST=2\n`)
})

it('undo names what it does not reach', async () => {
  await run(`neon ${SET_UP}`)
  expect((await run('undo --yes')).stdout.replaceAll(/\s+/g, ' ')).toContain(
    'Not undone, since it is outside of this app: DIRECT_URL, DATABASE_URL on the host, if you set them there.',
  )
})

describe('an undo that would lose later edits of lines of ours', () => {
  it('is refused before anything is shown as if it were done, with both versions of each line', async () => {
    await edited()
    const before = app.read()
    const { exitCode, stdout, stderr } = await run('undo --yes')
    expect(exitCode).toBe(1)
    expect(stdout).toBe('')
    expect(stderr).toBe(`Error: Lines that \`pooling neon\` wrote were changed since: .env.example,
api/db/schema.prisma. Nothing was undone.

.env.example
  The file was deleted.

api/db/schema.prisma:6
  -  directUrl = env("DIRECT_URL")
  +  directUrl = env("MY_URL")

Change them back, then run \`yarn rw setup pooling undo\` again.
Or let it restore these lines as they were found and keep your files aside, saying where: \`yarn rw setup pooling undo --force\`
`)
    expect(app.read()).toEqual(before)
  })

  it('is refused by --dry-run in the same words, and shown with --force', async () => {
    await edited()
    const before = app.read()
    const dry = await run('undo --dry-run')
    expect(dry).toMatchObject({ exitCode: 1, stdout: '', stderr: (await run('undo --yes')).stderr })
    const document = (await run('undo --dry-run --force --json')).json()
    expect(document).toMatchObject({ status: 'planned', warnings: [{ code: 'edited-since' }] })
    expect(app.read()).toEqual(before)
  })

  it('with --force keeps their file aside, says where, and restores our lines alone', async () => {
    const before = app.read()
    await edited()
    const mine = app.text(SCHEMA)
    const { exitCode, stderr } = await run('undo --yes --force')
    expect(exitCode).toBe(0)
    const place = /Your own edit of api\/db\/schema\.prisma is kept in (\S+)\.\n/.exec(stderr)?.[1]
    expect(app.text(place!)).toBe(mine)
    const schema = before.get(SCHEMA)!
    expect(app.read()).toEqual(new Map([...before, [SCHEMA, { ...schema, text: schema.text + MODEL }]]))
  })
})

it("a list of PgBouncer's users that was edited, or goes, shows no password", async () => {
  const [path, user] = ['pgbouncer/userlist.txt', '"ann" "another one"\n']
  await run(`pgbouncer ${SET_UP} --dotenv none`)
  const users = app.text(path)
  expect(users).toContain(PASSWORD)
  const gone = await run(`neon ${SET_UP} --dotenv none --dry-run`)
  expect(gone.stdout).toContain('-***\n')
  app.write(path, users + user)
  const kept = await run('undo --dry-run')
  app.write(path, users.replace('"app"', '"ann"'))
  const refused = await run('undo --dry-run')
  expect([kept, refused].map(({ exitCode }) => exitCode)).toEqual([1, 1])
  for (const { stdout, stderr } of [gone, kept, refused]) expect(stdout + stderr).not.toMatch(/c4n4ry|another one/)
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
      message: `The numbers that you changed in ${DB} are removed with their lines.`,
    })
    expect(app.read()).toEqual(before)
  })

  it.each([
    ['another word on the line', 'max: 3', 'min: 3'],
    ['a line more', /max: 3.*/, 'max: 5,\n  min: 1,'],
  ])('are a conflict together with %s', async (_, from, to) => {
    await cedar(`neon ${SET_UP}`)
    change(from, to)
    expect((await cedar('undo --yes')).stderr).toContain('wrote were changed since')
  })
})
