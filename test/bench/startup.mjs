// Start-up of the built program as ratios to a bare Node of the same run. `npm run bench`
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { REDWOOD_8 } from '../support/redwood-8.mjs'

const BIN = fileURLToPath(new URL('../../dist/bin.js', import.meta.url))
const ROUNDS = Number(process.env.ROUNDS ?? 25)

const app = mkdtempSync(join(tmpdir(), 'rw-pooling-bench-'))
for (const [path, text] of Object.entries(REDWOOD_8)) {
  mkdirSync(dirname(join(app, path)), { recursive: true })
  writeFileSync(join(app, path), text)
}

const env = {
  ...process.env,
  CI: '1',
  POOLING_DATABASE_URL:
    'postgresql://postgres.ref:secret@aws-0-eu-central-1.pooler.supabase.com:6543/postgres',
}
const bare = median(['-e', '0'])
report('--help', [BIN, '--help'], 1.4)
report('supabase --dry-run --json', [BIN, 'supabase', '--dry-run', '--json', '--cwd', app], 4)
rmSync(app, { recursive: true, force: true })

function report(name, args, bound) {
  const ratio = median(args) / bare
  console.log(`${name.padEnd(28)} ${ratio.toFixed(2)} x node -e 0   (goal: at most ${bound})`)
}

function median(args) {
  const times = Array.from({ length: ROUNDS }, () => time(args)).sort((a, b) => a - b)
  return times[Math.floor(ROUNDS / 2)]
}

function time(args) {
  const start = process.hrtime.bigint()
  const { status, stderr } = spawnSync(process.execPath, args, { env, cwd: app, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${args.join(' ')} exited with ${status}: ${stderr}`)
  return Number(process.hrtime.bigint() - start) / 1e6
}
