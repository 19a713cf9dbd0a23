import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { KEYS, ptySession, type Step } from './session.ts'

const PASSWORD = 'c4naryPassw0rd'
const POOLED = `postgresql://postgres.abcdefghijklmnopqrst:${PASSWORD}@aws-1-eu-central-1.pooler.supabase.com:6543/postgres`
const RAW = POOLED.replace(PASSWORD, `${PASSWORD}#1`)

const STEPS: Step[] = [
  { expect: 'Where does the database live?', keys: 'supa\r' },
  { expect: 'Which database is it?', keys: KEYS.enter },
  { expect: 'Paste the pooled or the direct', keys: `${RAW}\r` },
  { expect: 'Use this one?', keys: 'y' },
  { expect: 'test database', keys: KEYS.enter },
  { expect: 'Where does the api side run?', keys: KEYS.down },
  { expect: 'a process that stays up', keys: KEYS.enter },
  { expect: 'On how many', keys: '2\r' },
]

let folder: string
let program: string[]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pooling-pty-'))
  const outfile = join(folder, 'ask.mjs')
  const banner =
    "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);"
  await build({
    entryPoints: [join(import.meta.dirname, 'ask-program.ts')],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    banner: { js: banner },
  })
  program = [process.execPath, outfile]
})

afterAll(() => rm(folder, { recursive: true, force: true }))

describe('the questions in a real pseudo-terminal', () => {
  it.each([80, 40])('are asked and answered in a window of %i columns', async (columns) => {
    const { exitCode, output, screen } = await ptySession(program, STEPS, { columns })
    expect(exitCode).toBe(0)
    expect(output).not.toContain(PASSWORD)
    await expect(`${screen}\n`).toMatchFileSnapshot(`golden/ask-${columns}.txt`)
  })

  it.each(
    STEPS.map((step, index) => ({ step, before: STEPS.slice(0, index) })).filter(({ step }) =>
      ['Use this one?', 'On how many'].includes(String(step.expect)),
    ),
  )('leave at once upon Ctrl-C: $step.expect', async ({ step, before }) => {
    const { exitCode, screen } = await ptySession(program, [...before, { ...step, keys: KEYS.ctrlC }])
    expect(exitCode).toBe(130)
    expect(screen).toContain('Interrupted at a question; nothing changed.')
  })

  it('have colours, and none with NO_COLOR', async () => {
    const colourful = await ptySession(program, [{ expect: 'Where', keys: KEYS.ctrlC }])
    expect(colourful.output).toContain('\u001b[1m')
    const plain = await ptySession(program, [{ expect: 'Where', keys: KEYS.ctrlC }], {
      env: { NO_COLOR: '1' },
    })
    expect(plain.output).not.toMatch(/\u001b\[\d+m/)
  })
})

describe('ptySession', () => {
  it('says what was on the screen when an expected text never comes', async () => {
    await expect(ptySession(['echo', "it's over"], [{ expect: 'never', keys: '' }])).rejects.toThrow("it's over")
  })

  it('returns the exit code of the command', async () => {
    expect((await ptySession(['sh', '-c', 'exit 3'], [])).exitCode).toBe(3)
  })
})
