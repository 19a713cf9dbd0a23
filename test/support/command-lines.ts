import { afterAll, beforeAll, expect, it } from 'vitest'
import { POOLING } from '../../src/ask/options.ts'
import { REDWOOD_8, type TestApp, testApp } from './apps.ts'

export interface Ended {
  exitCode: number | null
  stdout: string
  stderr: string
}

const VALUES = '--dotenv .env.local --runtime server --instances 3 --concurrency 2 --connection-limit 5'
const SET_UPS = [
  `supabase --dry-run --json --yes --verbose ${VALUES} --pool-timeout 7 --direct-env MY_DIRECT`,
  'supabase --force --no-read-replicas --reset-migrations --allow-partial --no-install --no-verify',
  'prisma-postgres --local --read-replicas',
  'prisma-postgres --temporary --read-replicas',
]

/** Tests that every option and sub-command arrives, whichever way the program is started. */
export function itTakesEveryOption(start: (args: string[]) => Promise<Ended>): void {
  let app: TestApp
  beforeAll(() => {
    app = testApp({
      ...REDWOOD_8,
      '.env': 'DATABASE_URL=postgresql://me:secret@localhost:1/shop\n',
      'api/src/services/users.ts':
        "import { PrismaClient } from '@prisma/client'\n\nconst prisma = new PrismaClient()\n\nexport const users = () => prisma.user.findMany()\n",
    })
  })
  afterAll(() => app.dispose())

  const run = (line: string) => start([...line.split(' '), '--cwd', app.root])
  const document = async (line: string) => JSON.parse((await run(`${line} --json`)).stdout)

  it.each(SET_UPS)('%s', async (line) => {
    // A connection string is missing, so it ends with the command as it has understood it.
    const { exitCode, stderr } = await run(line)
    expect(exitCode).toBe(2)
    const again = /(?<=^(npx @redwood-pooling\/cli|yarn rw setup pooling) ).*/m.exec(stderr)?.[0].split(' ')
    expect(again?.sort()).toEqual([...line.split(' '), '--cwd', app.root].sort())
  })

  it('every option of the set-up by these', () => {
    const told = SET_UPS.join(' ').match(/(?<=--)(no-)?[a-z-]+/g)!
    expect(new Set(told.map((name) => name.replace(/^no-/, ''))).add('cwd')).toEqual(new Set(Object.keys(POOLING)))
  })

  it('doctor, --fix and --no-verify', async () => {
    const codes = async (line: string) => (await document(line)).findings.map(({ code }: { code: string }) => code)
    expect(await codes('doctor')).toEqual(['live-refused', 'database-kind', 'second-client'])
    expect(await codes('doctor --no-verify')).toEqual(['database-kind', 'second-client'])
    expect((await run('doctor --explain second-client')).stdout).toContain('The app has more than one client')
    expect((await run('doctor --explain journal-damaged')).stdout).toContain("The record that undo needs can't be read")
    const all = 'doctor --fix --dry-run --yes --force --verbose --no-verify'
    expect(await document(all)).toMatchObject({ command: 'doctor', status: 'planned' })
  })

  it('register and --remove', async () => {
    const all = 'register --dry-run --yes --force --verbose'
    expect(await document(all)).toMatchObject({ command: 'register', status: 'planned' })
    expect(await document(`${all} --remove`)).toMatchObject({ command: 'register', status: 'unchanged' })
  })

  it('undo', async () => {
    const { exitCode, stderr } = await run('undo --dry-run --yes --force --verbose')
    expect(exitCode).toBe(0)
    expect(stderr).toContain('Nothing to undo')
  })

  it('local start, stop and status', async () => {
    for (const action of ['start', 'stop', 'status'])
      expect((await run(`local ${action} shop --dry-run`)).stderr).toContain('This app has no server shop')
  })
}
