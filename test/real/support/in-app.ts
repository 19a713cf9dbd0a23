import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll } from 'vitest'
import type { App } from './app.ts'
import { packCli } from './pack.ts'
import { type Env, must, type RunResult } from './process.ts'

let unpacked: Promise<string> | undefined

/** The packed command, taken apart once for all tests of a file. */
function cli(): Promise<string> {
  unpacked ??= mkdtemp(path.join(tmpdir(), 'pooling-cli-')).then(async (dir) => {
    await must('tar', ['-xzf', await packCli(), '-C', dir])
    return dir
  })
  return unpacked
}

afterAll(async () => {
  if (unpacked) await rm(await unpacked, { recursive: true })
})

/** Runs the packed command in the app, for its document; it must end with 0. */
export function pooling(app: App, args: string[], env: Env = {}): Promise<RunResult> {
  return poolingAsText(app, [...args, '--json'], env)
}

export async function poolingAsText(app: App, args: string[], env: Env = {}): Promise<RunResult> {
  return app.must('node', [path.join(await cli(), 'package/dist/bin.js'), ...args, '--yes'], { env })
}

/** What the packed command finds wrong, or proves, with the app as it is. */
export async function doctor(app: App) {
  const { stdout, all } = await app.run('node', [path.join(await cli(), 'package/dist/bin.js'), 'doctor', '--json'])
  return { document: JSON.parse(stdout), all }
}

// What Prisma generates is git-ignored, and made anew from the schema by every build.
const notTheUsers =
  /(^|\/)node_modules\/|^\.(cedar|redwood)\/|^\.git\/|^\.yarn\/install-state\.gz$|^api\/(db\/generated|dist|types)\//

/** Bytes and mode of every file that is the user's. */
export async function fingerprint(root: string): Promise<Record<string, string>> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .filter((file) => !notTheUsers.test(file))
  const prints = files.sort().map(async (file) => {
    const hash = createHash('sha256').update(await readFile(path.join(root, file)))
    const { mode } = await stat(path.join(root, file))
    return [file, `${mode.toString(8)} ${hash.digest('hex')}`] as const
  })
  return Object.fromEntries(await Promise.all(prints))
}

/** Adds files to the app for as long as `use` takes. */
export async function withFiles<T>(app: App, files: Record<string, string>, use: () => Promise<T>): Promise<T> {
  const paths = Object.keys(files).map((file) => path.join(app.root, file))
  for (const [file, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(app.root, file)), { recursive: true })
    await writeFile(path.join(app.root, file), text)
  }
  try {
    return await use()
  } finally {
    for (const file of paths) await rm(file)
  }
}

/** Takes one variable out of `.env` for as long as `use` takes. */
export async function without<T>(app: App, name: string, use: () => Promise<T>): Promise<T> {
  const file = path.join(app.root, '.env')
  const before = await readFile(file, 'utf8')
  const after = before.replace(new RegExp(`^${name}=.*\n`, 'm'), '')
  if (after === before) throw new Error(`.env has no ${name}`)
  await writeFile(file, after)
  try {
    return await use()
  } finally {
    await writeFile(file, before)
  }
}

/** What a script of a Cedar app's, which has `db`, returns: run by Cedar as any script of the user's. */
export async function execute(app: App, language: string, body: string, env: Env = {}): Promise<unknown> {
  const script = `import { db } from 'api/src/lib/db'

export default async () => {
  const answer = async () => { ${body} }
  console.log('answer:' + JSON.stringify(await answer()))
}
`
  const { all } = await withFiles(app, { [`scripts/probe.${language}`]: script }, () =>
    app.must('yarn', ['cedar', 'exec', 'probe', '--no-prisma'], { env }),
  )
  return JSON.parse(/answer:(.*)/.exec(all)![1]!)
}
