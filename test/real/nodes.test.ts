import { execFileSync } from 'node:child_process'
import path from 'node:path'
import process from 'node:process'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { CEDAR_5, REDWOOD_8, testApp } from '../support/apps.ts'
import { type Built, buildProgram } from '../support/built.ts'
import { INPUTS } from '../support/inputs.ts'
import { nodeBin } from './support/nodes.ts'

let built: Built
beforeAll(() => {
  built = buildProgram()
})
afterAll(() => built.dispose())

it.each([20, 22, 24] as const)('sets up and takes back on Node %i', async (major) => {
  const node = path.join(await nodeBin(major), 'node')
  expect(execFileSync(node, ['--version'], { encoding: 'utf8' })).toMatch(new RegExp(`^v${major}\\.`))
  for (const files of [REDWOOD_8, CEDAR_5]) {
    const app = testApp(files)
    const before = app.read()
    const run = (...args: string[]) => {
      const options = { cwd: app.root, env: { ...process.env, ...INPUTS.supabase }, encoding: 'utf8' } as const
      return JSON.parse(execFileSync(node, [built.bin, ...args, '--yes', '--json'], options))
    }
    expect(run('supabase', '--no-install', '--no-verify')).toMatchObject({ status: 'applied' })
    expect(run('undo')).toMatchObject({ status: 'undone' })
    expect(app.read()).toEqual(before)
    app.dispose()
  }
})
