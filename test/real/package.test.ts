import { statSync } from 'node:fs'
import { expect, it } from 'vitest'
import { CONTENTS, contentsOf } from '../support/package-contents.ts'
import { packCli } from './support/pack.ts'
import { must } from './support/process.ts'

it('what is published contains what runs and nothing else', async () => {
  const tarball = await packCli()
  const { stdout } = await must('tar', ['-tzf', tarball])
  const paths = stdout.trim().split('\n')
  expect(contentsOf(paths.map((path) => path.replace(/^package\//, '')))).toEqual(CONTENTS)
  expect(statSync(tarball).size).toBeLessThan(3_000_000)
})
