import { existsSync, readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { ActionableError } from '../../src/base/errors.ts'
import type { Run, RunOptions, RunResult } from '../../src/base/ports.ts'
import { createTemporary } from '../../src/provision/temporary.ts'

const PASSWORD = 'sk_9wjF-secret'

const created = {
  success: true,
  connectionString: `postgres://user:${PASSWORD}@db.prisma.io:5432/postgres?sslmode=require`,
  claimUrl: 'https://create-db.prisma.io/claim?projectID=proj_1&utm_source=create-db&utm_medium=cli',
  deletionDate: '2026-11-24T03:00:21.172Z',
  region: 'eu-central-1',
  name: '2026-11-23T03:00:21.106Z',
  projectId: 'proj_1',
}

/** On a clock in central Europe. */
const OPTIONS = { env: {}, hoursEast: 1, onProgress: () => {} }

/** npx as far as this needs it: notes how it was called and gives one answer. */
function npx(answer: Partial<RunResult> | object) {
  const calls: { argv: readonly string[]; options: RunOptions; filesInCwd: string[] }[] = []
  const result = 'exitCode' in answer ? answer : { exitCode: 0, stdout: JSON.stringify(answer, null, 2) }
  const run: Run = async (argv, options) => {
    calls.push({ argv, options, filesInCwd: readdirSync(options.cwd) })
    return { exitCode: 0, stdout: '', stderr: '', ...result }
  }
  return { run, calls }
}

const failure = async (answer: Partial<RunResult> | object): Promise<ActionableError> =>
  createTemporary({ ...OPTIONS, run: npx(answer).run }).then(
    () => expect.fail('it should have failed'),
    (error) => error as ActionableError,
  )

describe('a temporary database', () => {
  it('comes with both URLs, its region, its end and the link to claim it', async () => {
    expect(await createTemporary({ ...OPTIONS, run: npx(created).run })).toEqual({
      direct: `postgres://user:${PASSWORD}@db.prisma.io:5432/postgres?sslmode=require`,
      pooled: `postgres://user:${PASSWORD}@pooled.db.prisma.io:5432/postgres?sslmode=require`,
      expires: '2026-11-24T03:00:21.172Z',
      region: 'eu-central-1',
      comments: [
        '# Temporary Prisma Postgres database (eu-central-1): deleted on 2026-11-24T03:00:21.172Z unless you claim it at',
        '# https://create-db.prisma.io/claim?projectID=proj_1&utm_source=create-db&utm_medium=cli',
      ],
    })
  })

  it('is told the direct URL when the service names the pooled one', async () => {
    const connectionString = created.connectionString.replace('@db.', '@pooled.db.')
    const { direct, pooled } = await createTemporary({
      ...OPTIONS,
      run: npx({ ...created, connectionString }).run,
    })
    expect(direct).toContain('@db.prisma.io:5432')
    expect(pooled).toContain('@pooled.db.prisma.io:5432')
  })

  it('is made by one version of create-db, far from any .env, and without the secrets of the app', async () => {
    const { run, calls } = npx(created)
    const env = {
      PATH: '/bin',
      DATABASE_URL: 'postgres://u:p@h/db',
      CREATE_DB_WORKER_URL: 'http://127.0.0.1:1',
    }
    await createTemporary({ ...OPTIONS, run, env, hoursEast: -8 })
    const [{ argv, options, filesInCwd }] = calls as [(typeof calls)[number]]
    expect(argv).toEqual(['npx', '--yes', 'create-db@1.2.1', '--json', '--region', 'us-west-1'])
    expect(filesInCwd).toEqual([])
    expect(existsSync(options.cwd)).toBe(false)
    expect(options.env).toMatchObject({ PATH: '/bin', CREATE_DB_WORKER_URL: 'http://127.0.0.1:1' })
    expect(options.env).not.toHaveProperty('DATABASE_URL')
  })
})

describe('the region', () => {
  it.each([
    [-10, 'us-west-1'],
    [-7, 'us-west-1'],
    [-3.5, 'us-east-1'],
    [0, 'eu-west-3'],
    [1, 'eu-central-1'],
    [5.5, 'ap-southeast-1'],
    [9, 'ap-northeast-1'],
    [14, 'ap-northeast-1'],
  ])('for a clock %s hours from UTC is %s', async (hoursEast, region) => {
    const { run, calls } = npx(created)
    await createTemporary({ ...OPTIONS, run, hoursEast })
    expect(calls[0]!.argv.at(-1)).toBe(region)
  })

  it('is named before it is asked for, with who is told', async () => {
    const said: string[] = []
    await createTemporary({
      ...OPTIONS,
      run: npx(created).run,
      hoursEast: 9,
      onProgress: (m) => said.push(m),
    })
    expect(said).toEqual([
      expect.stringMatching(/in ap-northeast-1 .*create-db-temp\.prisma\.io.*reports its use to Prisma/),
    ])
  })
})

describe('no temporary database', () => {
  it.each([
    ['offline', { exitCode: 1, stderr: '\n✖ Error: Cannot reach Prisma Postgres API server.\n' }],
    ['offline', { exitCode: 1, stderr: 'npm error code ENOTFOUND\nnpm error network request failed' }],
    ['npm-missing', { exitCode: -1, stderr: 'Command failed with ENOENT: npx\nspawn npx ENOENT' }],
    ['create-db-failed', { exitCode: 1, stderr: 'Error: Invalid region: us-west-1. Available regions: us-east-1' }],
    [
      'create-db-failed',
      { exitCode: 1, stdout: JSON.stringify({ success: false, message: 'Slow down', status: 429 }) },
    ],
    ['create-db-failed', { exitCode: 1, stderr: 'Segmentation fault' }],
    ['create-db-failed', { ...created, connectionString: null }],
    ['create-db-failed', { ...created, connectionString: `postgres://u:${PASSWORD}@elsewhere.example/db` }],
    ['create-db-failed', { ...created, deletionDate: 'tomorrow' }],
    ['create-db-failed', { ...created, claimUrl: 'https://x/claim\nDATABASE_URL=postgres://evil' }],
    ['create-db-failed', { exitCode: 0, stdout: 'Need to install the following packages' }],
  ])('%s: %o', async (code, answer) => {
    const error = await failure(answer)
    expect(error.code).toBe(code)
    expect(error.fix).toBeTruthy()
    expect(`${error.message} ${error.fix}`).not.toMatch(new RegExp(`${PASSWORD}|evil`))
  })

  it("repeats the service's reason, unless it holds an address", async () => {
    const refused = (message: string) =>
      failure({
        exitCode: 1,
        stdout: JSON.stringify({ success: false, error: 'api_error', message, status: 500 }),
      })
    expect((await refused('No capacity.')).message).toContain('no database (No capacity)')
    expect((await refused(`bad postgres://u:${PASSWORD}@h`)).message).not.toContain(PASSWORD)
  })

  it('after Ctrl-C', async () => {
    const controller = new AbortController()
    const run: Run = async () => {
      controller.abort()
      return { exitCode: -1, stdout: '', stderr: '' }
    }
    const work = createTemporary({ ...OPTIONS, run, signal: controller.signal })
    await expect(work).rejects.toMatchObject({ code: 'interrupted', exitCode: 130 })
  })
})
