import { afterEach, expect, it } from 'vitest'
import { REDWOOD_8, type TestApp, testApp } from '../support/apps.ts'
import { cli } from '../support/cli.ts'
import { INPUTS } from '../support/inputs.ts'

let app: TestApp
afterEach(() => app.dispose())

it.each([
  ['supabase --dotenv .env', 'supabase --yes --runtime serverless --no-install --no-verify'],
  [
    'neon --dotenv none --runtime server --instances 2',
    'neon --yes --dotenv none --runtime server --instances 2 --no-install --no-verify',
  ],
])('%s ends with the command that repeats it', async (line, repeats) => {
  app = testApp(REDWOOD_8)
  const env = INPUTS[line.split(' ')[0] as 'neon']
  const run = (words: string) => cli(words.split(' '), { cwd: app.root, env })
  const { stdout } = await run(`${line} --yes --no-install --no-verify`)
  const [, again] = /^To repeat it without questions:\n {2}yarn rw setup pooling (.*)$/m.exec(stdout)!
  expect(again).toBe(repeats)
  const files = app.read()
  expect((await run(again!)).stdout).toContain('Nothing to do')
  expect(app.read()).toEqual(files)
})
