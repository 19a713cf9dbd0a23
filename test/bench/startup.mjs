// Start-up of the built program as ratios to a bare Node of the same run: `npm run build && npm run bench`
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const BIN = fileURLToPath(new URL('../../dist/bin.js', import.meta.url))
const ROUNDS = Number(process.env.ROUNDS ?? 15)

const APP = {
  'redwood.toml': '[api]\n  port = 8911\n',
  'package.json': '{ "devDependencies": { "@redwoodjs/core": "8.9.0" }, "packageManager": "yarn@4.6.0" }\n',
  'yarn.lock': '"prisma@npm:5.20.0":\n  version: 5.20.0\n',
  '.env': '# DATABASE_URL=postgres://user:pass@postgreshost.com:5432/database_name\n',
  '.env.defaults': 'DATABASE_URL=file:./dev.db\n',
  'api/package.json': '{\n  "name": "api",\n  "dependencies": { "@redwoodjs/api": "8.9.0" }\n}\n',
  'api/db/schema.prisma':
    'datasource db {\n  provider = "sqlite"\n  url      = env("DATABASE_URL")\n}\n\ngenerator client {\n  provider = "prisma-client-js"\n}\n',
  'api/src/lib/db.ts':
    "import { PrismaClient } from '@prisma/client'\n\nexport const db = new PrismaClient({ log: ['error'] })\n",
}

const app = mkdtempSync(join(tmpdir(), 'rw-pooling-bench-'))
for (const [path, text] of Object.entries(APP)) {
  mkdirSync(dirname(join(app, path)), { recursive: true })
  writeFileSync(join(app, path), text)
}
const tracked = mkdtempSync(join(tmpdir(), 'rw-pooling-bench-'))
cpSync(app, tracked, { recursive: true })
spawnSync('git', ['init', '-q'], { cwd: tracked })
const env = {
  ...process.env,
  CI: '1',
  POOLING_DATABASE_URL:
    'postgresql://postgres.abcdefghijklmnopqrst:secret@aws-1-eu-central-1.pooler.supabase.com:6543/postgres',
}

const baseline = []
const runs = new Map([
  ['--help', { args: [BIN, '--help'], goal: 1.12, times: [] }],
  ['supabase --dry-run --json', { args: [BIN, 'supabase', '--dry-run', '--json', '--cwd', app], goal: 3.5, times: [] }],
  ['the same, under git', { args: [BIN, 'supabase', '--dry-run', '--json', '--cwd', tracked], goal: 4, times: [] }],
])
// Interleaved, so that what else the machine does weighs on all of them alike.
for (let round = 0; round < ROUNDS; round++) {
  baseline.push(time(['-e', '0']))
  for (const { args, times } of runs.values()) times.push(time(args))
}
for (const [name, { goal, times }] of runs) {
  const ratio = median(times) / median(baseline)
  console.log(`${name.padEnd(28)} ${ratio.toFixed(2)} x node -e 0   (goal: at most ${goal})`)
}
for (const folder of [app, tracked]) rmSync(folder, { recursive: true, force: true })

function time(args) {
  const start = process.hrtime.bigint()
  const { status, stderr } = spawnSync(process.execPath, args, { env, cwd: app, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${args.join(' ')} exited with ${status}: ${stderr}`)
  return Number(process.hrtime.bigint() - start) / 1e6
}

function median(times) {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)]
}
