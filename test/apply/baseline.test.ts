import { beforeEach, expect, it } from 'vitest'
import { commit } from '../../src/apply/commit.ts'
import { undo } from '../../src/apply/undo.ts'
import { baseline } from '../../src/journal/baseline.ts'
import type { FileChange } from '../../src/plan/types.ts'
import { edit, makeTree, portsFor } from './helpers.ts'
import { MemoryFileSystem } from './memory-file-system.ts'

const ROOT = '/app'
let disk: MemoryFileSystem
beforeEach(async () => {
  disk = new MemoryFileSystem()
  await makeTree(ROOT, { schema: 's', env: 'e' }, disk)
})

const ports = () => portsFor(ROOT, { fs: disk })
const read = async (path: string) => {
  try {
    return Buffer.from(await disk.readFile(`${ROOT}/${path}`)).toString()
  } catch {
    return null
  }
}
const apply = (changes: FileChange[], aside: string[] = []) => commit(changes, { command: 'x', aside }, ports())
const now = async (...paths: string[]) =>
  new Map(await Promise.all(paths.map(async (path) => [path, await read(path)] as const)))
const ground = async (...paths: string[]) => baseline(await now(...paths), read, ports())

it('without a journal the baseline is what is there', async () => {
  const { files, current } = await ground('schema')
  expect([...files]).toEqual([['schema', 's']])
  expect([...current]).toEqual([['schema', 's']])
})

it('every file is traced back through all steps, also those that only the journal knows', async () => {
  await apply([
    { path: 'schema', before: 's', after: 's1' },
    { path: 'ours', before: null, after: 'o' },
  ])
  await apply([
    { path: 'schema', before: 's1', after: 's2' },
    { path: 'env', before: 'e', after: null },
  ])
  const { files, current } = await ground('schema')
  expect(Object.fromEntries(files)).toEqual({ schema: 's', env: 'e', ours: null })
  expect(Object.fromEntries(current)).toEqual({ schema: 's2', env: null, ours: 'o' })
})

it('the way back ends where somebody else edited a file', async () => {
  await apply([{ path: 'schema', before: 's', after: 's1' }])
  await edit(`${ROOT}/schema`, 'mine', disk)
  await apply([{ path: 'schema', before: 'mine', after: 'mine2' }])
  expect(await ground('schema')).toMatchObject({ files: new Map([['schema', 'mine']]) })
  await edit(`${ROOT}/schema`, 'mine3', disk)
  expect(await ground('schema')).toMatchObject({ files: new Map([['schema', 'mine3']]) })
})

it('what the user had moved aside stays aside', async () => {
  await apply(
    [
      { path: 'schema', before: 's', after: null },
      { path: 'old/schema', before: null, after: 's' },
      { path: 'env', before: 'e', after: 'e1' },
    ],
    ['schema', 'old/schema'],
  )
  expect(Object.fromEntries((await ground('schema')).files)).toEqual({ schema: null, env: 'e' })
})

it('an undone step counts no more', async () => {
  await apply([{ path: 'schema', before: 's', after: 's1' }])
  await undo(ports(), { explain: () => '' })
  expect(Object.fromEntries((await ground('schema')).files)).toEqual({ schema: 's' })
})
