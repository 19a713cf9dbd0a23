import fc from 'fast-check'
import { expect, it } from 'vitest'
import { errorCode } from '../../src/disk/file-errors.ts'
import { type LinkingFileSystem, realFileSystem, remove, temporaryFolder } from './helpers.ts'
import { MemoryFileSystem } from './memory-file-system.ts'

type Call = [
  name: Exclude<keyof LinkingFileSystem, 'checkWritable' | 'chown' | 'syncFolder'>,
  path: string,
  other: string,
]

const names = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 })
const path = names.map((segments) => segments.join('/'))
const call: fc.Arbitrary<Call> = fc.tuple(
  fc.constantFrom(
    'create',
    'mkdir',
    'mkdir',
    'symlink',
    'rename',
    'unlink',
    'rmdir',
    'readFile',
    'lstat',
    'readlink',
    'realpath',
    'readdir',
    'chmod',
  ),
  path,
  fc.oneof(path, fc.constantFrom('../b', 'a/../b', '/nowhere')),
)

/** Nothing may lead out of the temporary folder: the real file system takes these calls for real. */
const staysInside = ([name, path, other]: Call) => name !== 'symlink' || !other.startsWith('..') || path.includes('/')

async function perform(fs: LinkingFileSystem, root: string, [name, path, other]: Call): Promise<unknown> {
  const place = `${root}/${path}`
  switch (name) {
    case 'create': {
      const file = await fs.create(place, 0o666)
      await file.writeFile(Buffer.from(other))
      return file.close()
    }
    case 'mkdir':
      return fs.mkdir(place, 0o777)
    case 'symlink':
      return fs.symlink(other.startsWith('/') ? `${root}${other}` : other, place)
    case 'rename':
      return fs.rename(place, `${root}/${other.replace(/^\/|\.\.\/?/g, 'c')}`)
    case 'chmod':
      return fs.chmod(place, other.length % 2 === 0 ? 0o600 : 0o751)
    case 'lstat': {
      const { kind, mode } = await fs.lstat(place)
      return kind === 'link' ? kind : { kind, mode }
    }
    case 'readFile':
      return Buffer.from(await fs.readFile(place)).toString()
    case 'realpath':
      return (await fs.realpath(place)).replace(root, '')
    case 'readdir':
      return (await fs.readdir(place)).sort()
    default:
      return fs[name](place)
  }
}

/** Where systems and file systems differ among themselves, the memory may too. */
const ALIKE: Record<string, string> = { EPERM: 'EISDIR', EEXIST: 'taken', ENOTEMPTY: 'taken' }

async function outcome(work: Promise<unknown>): Promise<unknown> {
  try {
    return { result: (await work) ?? null }
  } catch (error) {
    const code = errorCode(error) ?? String(error)
    return { code: ALIKE[code] ?? code }
  }
}

it('the file system in memory answers as the real one does', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(call.filter(staysInside), { minLength: 5, maxLength: 40 }), async (calls) => {
      const root = temporaryFolder()
      const memory = new MemoryFileSystem()
      try {
        let above = ''
        for (const name of root.slice(1).split('/')) {
          above += `/${name}`
          await memory.mkdir(above, 0o777)
        }
        for (const each of calls) {
          // A folder moved into itself has an error of its own that no code of ours can meet.
          if (each[0] === 'rename' && `${each[2]}/`.startsWith(`${each[1]}/`)) continue
          const real = await outcome(perform(realFileSystem, root, each))
          expect(await outcome(perform(memory, root, each)), JSON.stringify(each)).toEqual(real)
        }
      } finally {
        remove(root)
      }
    }),
    { numRuns: 40 },
  )
})
