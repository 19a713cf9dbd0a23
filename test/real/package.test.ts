import { statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { describe, expect, it } from 'vitest'
import { itTakesEveryOption } from '../support/command-lines.ts'
import { CONTENTS, contentsOf } from '../support/package-contents.ts'
import { packCli } from './support/pack.ts'
import { must, run } from './support/process.ts'
import { repoRoot } from './support/work.ts'

it('what is published contains what runs and nothing else', async () => {
  const tarball = await packCli()
  const { stdout } = await must('tar', ['-tzf', tarball])
  const paths = stdout.trim().split('\n')
  expect(contentsOf(paths.map((path) => path.replace(/^package\//, '')))).toEqual(CONTENTS)
  expect(statSync(tarball).size).toBeLessThan(3_000_000)
})

/** Node takes some options out of any command line before a program starts; only a process of its own shows that. */
describe('the bin is told', () => {
  const bin = path.join(repoRoot, 'dist/bin.js')
  itTakesEveryOption(async (args) => {
    const { code, stdout, stderr } = await run(process.execPath, [bin, ...args], { cwd: tmpdir() })
    return { exitCode: code, stdout, stderr }
  })
})
