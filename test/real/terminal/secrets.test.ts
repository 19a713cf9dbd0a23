import process from 'node:process'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { encode } from '../../../src/connection/encoding.ts'
import { CANARY, formsIn } from '../../secrets/canary.ts'
import { REDWOOD_8, type TestApp, testApp } from '../../support/apps.ts'
import { type Built, buildProgram } from '../../support/built.ts'
import { INPUTS, PASSWORD } from '../../support/inputs.ts'
import { KEYS, ptySession, type Step } from './session.ts'

let built: Built
let app: TestApp
beforeAll(() => {
  built = buildProgram()
})
afterAll(() => built.dispose())
beforeEach(() => {
  app = testApp(REDWOOD_8)
})
afterEach(() => app.dispose())

const url = INPUTS.supabase.POOLING_DATABASE_URL!.replace(PASSWORD, encode(CANARY))
const raw = INPUTS.supabase.POOLING_DATABASE_URL!.replace(PASSWORD, CANARY)

const FIRST: Step[] = [
  { expect: 'Where does the database live?', keys: 'supa\r' },
  { expect: 'Which database is it?', keys: KEYS.enter },
]
const PASTE = 'Paste the pooled or the direct'
const LAST: Step[] = [
  { expect: 'test database', keys: KEYS.enter },
  { expect: 'Where does the api side run?', keys: KEYS.enter },
  { expect: 'Apply this plan?', keys: 'y' },
]

/** Every character as a key of its own, the arrow keys and a correction in between. */
function typed(text: string): Step[] {
  const keys = [...text, 'x', '\u007f', '\u001b[D', '\u001b[C', KEYS.enter]
  return keys.map((key, index) => ({ expect: index === 0 ? PASTE : '', keys: key }))
}

/** What a terminal was sent: as it is, and without what only moves the cursor. */
function searched(output: string): string[] {
  return [...formsIn(output), ...formsIn(stripVTControlCharacters(output))]
}

it.each<[string, Step[]]>([
  ['pasted', [{ expect: PASTE, keys: `${url}\r` }]],
  ['pasted with a line break', [{ expect: PASTE, keys: `${url}\n\r` }]],
  ['typed', typed(url)],
])('a connection string that is %s is never on the screen', async (_, steps) => {
  const command = [process.execPath, built.bin, '--no-install', '--no-verify', '--verbose']
  const options = { cwd: app.root, columns: 100 }
  const { exitCode, output } = await ptySession(command, [...FIRST, ...steps, ...LAST], options)
  expect(exitCode).toBe(0)
  expect(searched(output)).toEqual([])
  expect(app.text('.env')).toContain(encode(CANARY))
})

it.each<[string, string, string | RegExp]>([
  ['has raw signs in its password', raw, /percent|encod|escape/i],
  ['is the password alone', CANARY, 'not a connection string'],
  ['is a web address', url.replace('postgresql', 'https'), 'address of a website'],
  ['has no port', url.replace(':6543', ':x'), /port/],
])('nor is one that %s, with what is said about it', async (_, text, said) => {
  const command = [process.execPath, built.bin, '--no-install', '--no-verify', '--verbose']
  const steps: Step[] = [...FIRST, { expect: PASTE, keys: `${text}\r` }, { expect: said, keys: KEYS.ctrlC }]
  const { exitCode, output } = await ptySession(command, steps, {
    cwd: app.root,
    columns: 60,
  })
  expect(exitCode).toBe(130)
  expect(searched(output)).toEqual([])
})
