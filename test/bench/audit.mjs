// The audit's time on trees of files, as ratios to merely reading those files and to the jscodeshift Runner looking
// for the same. `npm run bench`; SIZES=100,1000 for less.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const BIN = join(ROOT, 'dist/bin.js')
const URL_GIVEN =
  'postgresql://postgres.abcdefghijklmnopqrst:secret@aws-1-eu-central-1.pooler.supabase.com:6543/postgres'
const SIZES = (process.env.SIZES ?? '100,1000,10000').split(',').map(Number)
const ROUNDS = Number(process.env.ROUNDS ?? 5)
/** One file of so many mentions a client's own business. */
const MENTIONS_EVERY = 100

/** The search as a jscodeshift transform: clients that are made, disconnected, or used for transactions and raw SQL. */
const SEARCH = `module.exports = ({ source }, { j, report }) => {
  const root = j(source)
  const made = root.find(j.NewExpression, { callee: { name: 'PrismaClient' } }).size()
  const calls = root
    .find(j.MemberExpression)
    .filter(({ node }) => /^\\$(disconnect|transaction|queryRaw|executeRaw)/.test(node.property.name || '')).size()
  if (made + calls > 0) report(String(made + calls))
}
`

if (process.argv[2] === 'measure') {
  await measure(process.argv[3], process.argv[4])
} else {
  await bench()
}

async function bench() {
  const folder = mkdtempSync(join(tmpdir(), 'rw-pooling-audit-'))
  const bundle = join(folder, 'audit.mjs')
  await build({
    stdin: {
      contents: `export { audit } from './src/doctor/audit.ts'
export { readFacts } from './src/doctor/facts.ts'
export { sourceFiles } from './src/doctor/source-files.ts'
export { loadApp } from './src/app/load.ts'
export { NO_GIT } from './src/app/git.ts'
export { loadParser } from './codemods/module/parse.ts'`,
      resolveDir: ROOT,
      loader: 'ts',
    },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    outfile: bundle,
    alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
    external: ['prisma-schema-wasm-*'],
    banner: { js: "import { createRequire as r } from 'node:module'; const require = r(import.meta.url);" },
    logLevel: 'error',
  })
  const transform = join(folder, 'search.cjs')
  writeFileSync(transform, SEARCH)
  for (const size of SIZES) compare(folder, bundle, transform, size)
  rmSync(folder, { recursive: true })
}

function compare(folder, bundle, transform, size) {
  const app = join(folder, `app-${size}`)
  writeApp(app, size)
  const { ratio, wall, reading, read, parsed, heap } = JSON.parse(
    run([fileURLToPath(import.meta.url), 'measure', bundle, app]),
  )
  const whole = ['doctor --no-verify', 'supabase --dry-run'].map((line) =>
    Math.min(...Array.from({ length: ROUNDS }, () => timed([BIN, ...line.split(' '), '--json', '--cwd', app]))),
  )
  const started = process.hrtime.bigint()
  run([
    join(ROOT, 'node_modules/jscodeshift/bin/jscodeshift.js'),
    ...['--run-in-band', '--silent', '--dry', '--extensions=ts', '--parser=ts', '-t', transform],
    join(app, 'api/src'),
  ])
  const runner = Number(process.hrtime.bigint() - started) / 1e6
  console.log(
    [
      `${size} files`.padEnd(12),
      `${ratio.toFixed(2)} x reading them (goal at 10,000: at most 2)`,
      `${(runner / wall).toFixed(0)} times as fast as jscodeshift's Runner (goal: at least 10)`,
      `doctor in all ${(whole[0] / (whole[1] + reading)).toFixed(2)} x start-up, plan and reading (goal at 1,000: at most 2)`,
      `${read} read, ${parsed} parsed`,
      `heap grew by ${(heap / 1e6).toFixed(1)} MB`,
    ].join('   '),
  )
}

/** In a process of its own, so that the sizes do not warm each other up. */
async function measure(bundle, root) {
  const { audit, readFacts, sourceFiles, loadApp, loadParser, NO_GIT } = await import(pathToFileURL(bundle))
  const parser = await loadParser()
  const app = loadApp(root, parser)
  const facts = readFacts({ app, git: NO_GIT, today: new Date(), parser })
  const read = (path) => readFileSync(join(root, path), 'utf8')
  let result
  const look = () => {
    result = audit({ facts, files: sourceFiles(root), read, parser })
  }
  justRead(join(root, 'api/src'))
  const rounds = Array.from({ length: ROUNDS }, () => {
    const reading = time(() => justRead(join(root, 'api/src')))
    const auditing = time(look)
    return { reading, auditing }
  })
  globalThis.gc()
  const before = process.memoryUsage().heapUsed
  look()
  globalThis.gc()
  const heap = process.memoryUsage().heapUsed - before
  // What else the machine does only ever adds to a round, so the least of each comes nearest to the truth.
  const least = (pick) => Math.min(...rounds.map(pick))
  const ratio = least(({ auditing }) => auditing.cpu) / least(({ reading }) => reading.cpu)
  const wall = least(({ auditing }) => auditing.wall)
  const reading = least((each) => each.reading.wall)
  console.log(JSON.stringify({ ratio, wall, reading, read: result.filesRead, parsed: result.filesParsed, heap }))
}

/** The built program, whatever it finds. */
function timed(args) {
  const start = process.hrtime.bigint()
  spawnSync(process.execPath, args, { env: { ...process.env, CI: '1', POOLING_DATABASE_URL: URL_GIVEN } })
  return Number(process.hrtime.bigint() - start) / 1e6
}

function justRead(folder) {
  let size = 0
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    size += entry.isDirectory() ? justRead(path) : readFileSync(path, 'utf8').length
  }
  return size
}

/** Wall and processor time: the latter tells two loops apart on a machine that has other things to do. */
function time(work) {
  const [wall, cpu] = [process.hrtime.bigint(), process.cpuUsage()]
  work()
  const { user, system } = process.cpuUsage(cpu)
  return { wall: Number(process.hrtime.bigint() - wall) / 1e6, cpu: (user + system) / 1e3 }
}

function run(args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', ...args], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 1e8,
  })
  if (status !== 0) throw new Error(`${args.join(' ')} exited with ${status}: ${stderr}`)
  return stdout
}

function writeApp(root, size) {
  const write = (path, text) => {
    mkdirSync(join(root, path, '..'), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  write('redwood.toml', '[web]\n[api]\n')
  write('package.json', '{ "devDependencies": { "@redwoodjs/core": "8.9.0" } }\n')
  write('api/db/schema.prisma', 'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n')
  write('.env', `DATABASE_URL=${URL_GIVEN}\n`)
  write('api/src/lib/db.ts', "import { PrismaClient } from '@prisma/client'\n\nexport const db = new PrismaClient()\n")
  for (let index = 1; index < size; index += 1) {
    const text = index % MENTIONS_EVERY === 0 ? withClient(index) : service(index)
    write(`api/src/services/group${index % 100}/service${index}.ts`, text)
  }
}

/** What `rw generate sdl` makes, repeated to the length that services grow to. */
function service(index) {
  const name = `Thing${index}`
  const query = `export const all${name}: QueryResolvers['all${name}'] = () => {
  return db.thing.findMany({ where: { index: ${index} }, orderBy: { createdAt: 'desc' } })
}
`
  const body = Array.from({ length: 12 }, (_, part) => query.replaceAll(name, `${name}Part${part}`))
  return `import type { QueryResolvers } from 'types/graphql'\n\nimport { db } from 'src/lib/db'\n\n${body.join('\n')}`
}

function withClient(index) {
  return `import { PrismaClient } from '@prisma/client'

export const handler${index} = async () => {
  const prisma = new PrismaClient()
  const things = await prisma.thing.findMany({ where: { index: ${index} } })
  await prisma.$disconnect()
  return { statusCode: 200, body: JSON.stringify(things) }
}
`
}
