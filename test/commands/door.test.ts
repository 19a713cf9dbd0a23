import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Built, buildProgram } from '../support/built.ts'

let built: Built
let host: string
beforeAll(() => {
  built = buildProgram()
  host = join(dirname(built.bin), '..', 'host.mjs')
  writeFileSync(
    host,
    "import yargs from 'yargs'\nimport { commands } from './dist/index.js'\nyargs(process.argv.slice(2)).option('cwd', {}).command(commands).parse()\n",
  )
})
afterAll(() => built.dispose())

it.each([
  ['setup pooling local restart'],
  ['--cwd pooling setup pooling local restart'],
  ['--cwd setup setup pooling local restart'],
])("the plugin's door hands on what stands behind its own words: %s", async (line) => {
  const run = promisify(execFile)(process.execPath, [host, ...line.split(' ')])
  await expect(run).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('Given: "restart"') })
})
