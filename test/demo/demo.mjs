// The main job on a throw-away app: `npm run demo`. No account, no prompt, nothing left behind.
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'dotenv'
import pg from 'pg'

const BIN = fileURLToPath(new URL('../../dist/bin.js', import.meta.url))
const AUTHOR = ['-c', 'user.name=demo', '-c', 'user.email=demo@example.com']
const folder = mkdtempSync(join(tmpdir(), 'rw-pooling-demo-'))
const app = join(folder, 'demo-app')
/** Where prisma dev keeps the servers' data; on macOS nothing moves it. */
const data = process.platform === 'darwin' ? join(homedir(), 'Library', 'Application Support') : join(folder, 'data')

try {
  title('A fresh app, as create-redwood-app@8.9.0 makes it')
  makeApp()
  const before = hashOf(app)

  title('yarn rw setup pooling prisma-postgres --local --yes')
  pooling('prisma-postgres', '--local', '--yes', '--no-install', '--no-verify')

  title('A query through the URL that the app now has')
  await query(parse(readFileSync(join(app, '.env'))).DATABASE_URL)

  title('yarn rw setup pooling undo --yes')
  pooling('undo', '--yes')
  if (hashOf(app) !== before) throw new Error('undo left the app different from what it was')
  console.log('\nByte for byte as before.')

  title('yarn rw setup pooling local stop')
  pooling('local', 'stop')
} finally {
  spawnSync(process.execPath, [BIN, 'local', 'stop'], { cwd: app, env: environment(), stdio: 'ignore' })
  for (const name of ['demo-app', 'demo-app-test'])
    rmSync(join(data, 'prisma-dev-nodejs', name), { recursive: true, force: true })
  rmSync(folder, { recursive: true, force: true })
}

function makeApp() {
  const options = { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }
  const tarball = execFileSync('npm', ['pack', '--silent', 'create-redwood-app@8.9.0'], options).trim()
  execFileSync('tar', ['-xzf', tarball], { cwd: folder })
  cpSync(join(folder, 'package/templates/ts'), app, { recursive: true })
  renameSync(join(app, 'gitignore.template'), join(app, '.gitignore'))
  for (const args of [
    ['init', '-q'],
    ['add', '-A'],
    [...AUTHOR, 'commit', '-qm', 'fresh'],
  ]) {
    execFileSync('git', args, { cwd: app })
  }
  console.log(
    `made, committed, ${execFileSync('git', ['ls-files'], { cwd: app, encoding: 'utf8' }).split('\n').length - 1} files`,
  )
}

function pooling(...args) {
  const { status, stdout } = spawnSync(process.execPath, [BIN, ...args], {
    cwd: app,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    env: environment(),
  })
  process.stdout.write(stdout)
  if (status !== 0) throw new Error(`rw-pooling ${args.join(' ')} exited with ${status}`)
}

async function query(connectionString) {
  const client = new pg.Client({ connectionString })
  await client.connect()
  const { rows } = await client.query('select version()')
  await client.end()
  console.log(`select version()  ->  ${rows[0].version}`)
}

function environment() {
  return { ...process.env, XDG_DATA_HOME: data, REDWOOD_POOLING_INVOCATION: 'yarn rw setup pooling' }
}

/** Everything that is not the journal's or git's. */
function hashOf(root) {
  const options = {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, GIT_INDEX_FILE: join(folder, 'index') },
  }
  execFileSync('git', ['add', '-A', '-f', '--', '.', ':!.redwood'], options)
  return execFileSync('git', ['write-tree'], options)
}

function title(text) {
  console.log(`\n── ${text} ${'─'.repeat(Math.max(0, 76 - text.length))}\n`)
}
