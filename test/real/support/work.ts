import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { must } from './process.ts'

export const repoRoot = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..')

/**
 * Everything downloaded, built or installed for the tests; git-ignored, safe to delete when no test runs.
 * `POOLING_TEST_WORK` names another directory, such as one that a build machine keeps between runs.
 */
export const workDir = process.env.POOLING_TEST_WORK ?? path.join(repoRoot, 'test/.work')

async function prepareWorkDir() {
  await mkdir(workDir, { recursive: true })
  // The repository is an ES module package; a CommonJS file below it (Yarn's own, for one) must not be read as such.
  const manifest = path.join(workDir, 'package.json')
  if (!existsSync(manifest)) await writeFile(manifest, '{ "private": true, "type": "commonjs" }\n')
}

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

async function lock(file: string): Promise<() => Promise<void>> {
  for (;;) {
    try {
      await writeFile(file, String(process.pid), { flag: 'wx' })
      return () => rm(file, { force: true })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const holder = Number(await readFile(file, 'utf8').catch(() => '0'))
    if (holder > 0 && !isAlive(holder)) await rm(file, { force: true })
    else await sleep(200)
  }
}

/** The file whose existence says that `cached(key)` is complete; its time is when it was finished. */
export const readyMarker = (key: string) => path.join(workDir, `${key}.ready`)

/**
 * Builds `test/.work/<key>` once, for the first that asks, and returns its path. A build that was interrupted
 * leaves nothing that a later run takes for complete.
 */
export async function cached(key: string, build: (dir: string) => Promise<void>): Promise<string> {
  const dir = path.join(workDir, key)
  const marker = readyMarker(key)
  if (existsSync(marker)) return dir
  await prepareWorkDir()
  await mkdir(path.dirname(dir), { recursive: true })
  const unlock = await lock(`${dir}.lock`)
  try {
    if (existsSync(marker)) return dir
    const partial = `${dir}.partial`
    await rm(partial, { recursive: true, force: true })
    await rm(dir, { recursive: true, force: true })
    await mkdir(partial)
    await build(partial)
    await rename(partial, dir)
    await writeFile(marker, '')
    return dir
  } finally {
    await unlock()
  }
}

/** A short hash of files' contents, for the key of what is made from them. */
export async function fingerprint(...files: string[]): Promise<string> {
  const contents = await Promise.all(files.map((file) => readFile(file)))
  return createHash('sha256').update(Buffer.concat(contents)).digest('hex').slice(0, 10)
}

/** Forgets a cached directory, so that the next run builds it again. */
export const forget = (key: string) => rm(readyMarker(key), { force: true })

let registry: Promise<string> | undefined

/** The npm registry this machine is configured for, without a trailing slash. */
export function npmRegistry(): Promise<string> {
  registry ??= must('npm', ['config', 'get', 'registry'], { cwd: repoRoot }).then((result) =>
    result.stdout.trim().replace(/\/+$/, ''),
  )
  return registry
}

/** Downloads one published package and unpacks (part of) it into `dir`. `only` are paths inside the package. */
export async function unpackFromNpm(spec: string, dir: string, only: string[] = []): Promise<void> {
  const packed = await must('npm', ['pack', spec, '--silent', '--pack-destination', dir], { cwd: dir })
  const tarball = path.join(dir, packed.stdout.trim().split('\n').at(-1)!)
  const members = only.map((member) => `package/${member}`)
  await must('tar', ['-xzf', tarball, '--strip-components=1', '-C', dir, ...members])
  await rm(tarball)
}
