import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, posix } from 'node:path'
import { encode } from '../../src/connection/encoding.ts'
import { PROVIDER_IDS, type ProviderId } from '../../src/providers/types.ts'
import { FIXTURE_APPS, type Files, type TestApp, testApp } from '../support/apps.ts'
import { type CliOptions, type CliResult, cli } from '../support/cli.ts'
import { flagsFor, INPUTS, PASSWORD } from '../support/inputs.ts'
import { CANARY, formsIn } from './canary.ts'
import { buildDoors, type Door, enter, helpersOf } from './doors.ts'

export interface Sweep {
  /** Texts that were searched: a stream, a document, an argument list, a file. */
  searched: number
  /** The same by kind of place, so that a place that is no longer looked at shows. */
  places: Record<string, number>
  /** Runs of the program. */
  runs: number
  /** Where the canary was: never the text itself. */
  found: string[]
}

export interface SweepOptions {
  providers?: readonly ProviderId[]
  fixtures?: readonly (keyof typeof FIXTURE_APPS)[]
  /** Also what does not depend on the provider; true by default. */
  general?: boolean
}

const DONE = ['--no-verify']
const OTHER_WORDS = ['--dry-run', '--dry-run --verbose', '--dry-run --json', '--verbose', '--json']

/**
 * Sends the canary through every command, in every app, and looks for it everywhere but in the env file that it is
 * meant for and in PgBouncer's list of users, which only their owner may read.
 */
export async function sweep({
  providers = PROVIDER_IDS,
  fixtures = Object.keys(FIXTURE_APPS) as (keyof typeof FIXTURE_APPS)[],
  general = true,
}: SweepOptions = {}): Promise<Sweep> {
  const result: Sweep = { searched: 0, places: {}, runs: 0, found: [] }
  const before = process.env.TMPDIR
  const temporary = mkdtempSync(join(tmpdir(), 'sweep-'))
  // What the program leaves in the folder for temporary files is searched too.
  process.env.TMPDIR = temporary
  try {
    const doors = general ? buildDoors(mkdtempSync(join(temporary, 'doors-'))) : []
    for (const fixture of fixtures) {
      const start = (what: string, files: Files = FIXTURE_APPS[fixture]) =>
        new Searcher(result, `${what} on ${fixture}`, files, temporary)
      if (general) for (const [what, act] of Object.entries(GENERAL)) await act(start(what))
      for (const [index, door] of doors.entries()) {
        const files = FIXTURE_APPS[fixture]
        await throughDoor(start(`through ${door.name}`, index === 0 ? files : withSecrets(files)), door)
      }
      for (const provider of providers) {
        for (const [what, { act, files }] of Object.entries(OF_EACH_PROVIDER)) {
          await act(start(`${provider}, ${what}`, files?.(FIXTURE_APPS[fixture])), provider)
        }
      }
    }
  } finally {
    if (before === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = before
    rmSync(temporary, { recursive: true, force: true })
  }
  return result
}

// ---- what is done

type Act = (search: Searcher, provider: ProviderId) => Promise<void>

const OF_EACH_PROVIDER: Record<string, { act: Act; files?: (files: Files) => Files }> = {
  previewed: { act: previews },
  applied: { act: applies },
  'with failing commands': { act: fails },
  interrupted: { act: interrupted },
  'with a conflicting undo': { act: conflicts },
  'hard-coded': { act: hardCoded, files: withSecrets },
  'with failing connections': { act: disconnected },
  examined: { act: doctors, files: withSecrets },
}

const GENERAL: Record<string, (search: Searcher) => Promise<void>> = {
  'bad input': badInputs,
  register: registers,
  'broken files': brokenFiles,
  'a database of its own': provisions,
}

async function previews(search: Searcher, provider: ProviderId): Promise<void> {
  for (const words of OTHER_WORDS.slice(0, 3)) await search.setUp(provider, ...words.split(' '))
  await search.run(['doctor', '--json'], INPUTS_OF[provider])
  search.end()
}

async function applies(search: Searcher, provider: ProviderId): Promise<void> {
  await search.setUp(provider, '--verbose')
  search.expect('0')
  await search.setUp(provider, '--json')
  await search.setUp(provider === 'neon' ? 'supabase' : 'neon')
  await search.setUp(provider, '--dotenv', 'none')
  for (const words of ['--dry-run', '--dry-run --json', '--yes --verbose', '--yes --json']) {
    await search.run(['undo', ...words.split(' ')])
  }
  search.end()
}

/** Children that repeat the secret they were given, as Prisma's error messages do. */
async function fails(search: Searcher, provider: ProviderId): Promise<void> {
  const url = INPUTS_OF[provider].POOLING_DATABASE_URL
  const said = `Error: P1000 at ${url}\npassword ${CANARY} is wrong\n${encode(CANARY)}\n`
  for (const words of ['--verbose', '--json', '--force']) {
    search.respond = () => ({ exitCode: 1, stdout: said, stderr: said })
    await search.run([provider, '--yes', ...flagsFor(provider), words], INPUTS_OF[provider])
    await search.run(['undo', '--yes'])
  }
  search.end()
}

/** The moment before an entry counts as applied: all is written, and the next run has to settle it. */
async function interrupted(search: Searcher, provider: ProviderId): Promise<void> {
  for (const words of [['undo', '--yes', '--json'], ['undo', '--yes', '--verbose'], null]) {
    await search.setUp(provider)
    for (const path of search.journal().filter((path) => path.endsWith('/manifest.json'))) {
      search.app.write(path.replace(/manifest\.json$/, 'unfinished'), '')
    }
    if (words) await search.run(words)
    else await search.setUp(provider, '--json')
    search.expectSaid('was interrupted')
  }
  search.end()
}

async function conflicts(search: Searcher, provider: ProviderId): Promise<void> {
  await search.setUp(provider)
  const changed = [...search.app.read().keys()].filter((path) => /^\.env$|db\.[jt]s$|schema\.prisma$/.test(path))
  for (const path of changed) {
    const mine = path === '.env' ? `MORE="${CANARY}"` : '// mine'
    // Heroku's URLs are in no file: there it is the variable in the code.
    const text = search.app.text(path).replaceAll('DATABASE_CONNECTION_POOL_URL', 'MY_POOL_URL')
    search.app.write(path, `${text}\n${mine}\n`)
  }
  // What was added doesn't stand in the way; a line of ours that holds another value now does.
  search.app.write(
    '.env',
    search.app.text('.env').replace(/"postgres[^"]*"/, `"postgresql://app:${CANARY}@mine.example.com/db"`),
  )
  await search.run(['undo', '--yes'])
  search.expect('1')
  await search.run(['undo', '--yes', '--json', '--verbose'])
  await search.run(['undo', '--dry-run', '--force'])
  await search.run(['undo', '--yes', '--force'])
  search.expect('0')
  search.end()
}

/** The secret stands in the app already, and in files that are shown as they change. */
async function hardCoded(search: Searcher, provider: ProviderId): Promise<void> {
  for (const words of OTHER_WORDS) await search.setUp(provider, ...words.split(' '))
  await search.run(['undo', '--yes', '--verbose'])
  search.end()
}

/** What a driver says when it cannot connect may quote all that it was given. */
async function disconnected(search: Searcher, provider: ProviderId): Promise<void> {
  const url = INPUTS_OF[provider].POOLING_DATABASE_URL
  const set = [provider, '--yes', '--no-install', ...flagsFor(provider)]
  for (const code of ['ENOTFOUND', '28P01', '']) {
    search.connect = async () => {
      throw Object.assign(new Error(`${code} at ${url}, password "${CANARY}" of ${encode(CANARY)}`), { code })
    }
    await search.run([...set, '--verbose'], INPUTS_OF[provider])
    for (const words of ['doctor', 'doctor --json', 'doctor --verbose']) await search.run(words.split(' '))
    await search.run(['undo', '--yes'])
  }
  search.connect = async () => ({
    encrypted: false,
    took: {},
    process: null,
    query: async () => [{ database: CANARY, version: CANARY, max_connections: CANARY, pid: url, started: url }],
    close: async () => {},
  })
  await search.run([...set, '--json'], INPUTS_OF[provider])
  for (const words of ['doctor', 'doctor --json']) await search.run(words.split(' '))
  search.end()
}

/** The doctor reads everything and quotes lines of it. */
async function doctors(search: Searcher, provider: ProviderId): Promise<void> {
  for (const words of ['doctor', 'doctor --verbose', 'doctor --json', 'doctor --fix --dry-run']) {
    await search.run(words.split(' '), INPUTS_OF[provider])
  }
  await search.run(['doctor', '--fix', '--yes', '--verbose'])
  await search.run(['undo', '--yes', '--json'])
  await search.setUp(provider)
  await search.run(['doctor', '--fix', '--yes', '--json'])
  await search.run(['undo', '--dry-run', '--verbose'])
  await search.run(['undo', '--yes'])
  search.end()
}

/** A parser's own message often quotes the line that it stumbled over. */
async function brokenFiles(search: Searcher): Promise<void> {
  const url = INPUTS_OF.neon.POOLING_DATABASE_URL!
  const broken = [
    `${CANARY}`,
    `{ "a": "${url}" "${CANARY}" }`,
    `a = "${url}" ${CANARY}\n[[`,
    `const a = '${url}' '${CANARY}`,
    `datasource db { url = "${url}" ${CANARY}`,
    `DATABASE_URL="${url}\nB='${CANARY}`,
    `plugins: [${CANARY}\n- ${url}`,
  ]
  const commands = [
    'neon --yes --verbose --dry-run',
    'doctor --verbose',
    'register --dry-run --verbose --json',
    'undo --verbose',
  ]
  const paths = [...search.app.read().keys()].filter((path) => /\.(toml|json|yml|prisma|[cm]?[jt]s)$|^\.env/.test(path))
  for (const path of [...paths, '.env.production', 'api/src/services/a.ts', 'api/prisma.config.cjs']) {
    const before = search.app.read().get(path)?.text
    for (const [index, text] of broken.entries()) {
      search.app.write(path, text)
      search.hides(path)
      await search.run(commands[index % commands.length]!.split(' '), INPUTS_OF.neon)
    }
    if (before === undefined) search.app.remove(path)
    else search.app.write(path, before)
  }
  search.end()
}

/** Programs that make databases print their URLs, and complain with them. */
async function provisions(search: Searcher): Promise<void> {
  const url = `postgres://user:${encode(CANARY)}@db.prisma.io:5432/postgres?sslmode=require`
  const answers = [
    JSON.stringify({
      success: true,
      connectionString: url,
      claimUrl: 'https://create-db.prisma.io/claim?projectID=proj_1',
      deletionDate: '2026-11-24T03:00:21.172Z',
      region: 'eu-central-1',
    }),
    JSON.stringify({ success: false, error: CANARY, message: `${url} ${CANARY}` }),
    JSON.stringify({
      success: true,
      connectionString: `${CANARY}`,
      region: CANARY,
      deletionDate: CANARY,
      claimUrl: url,
    }),
    `npm error code E401\nnpm error ${url} ${CANARY}`,
  ]
  for (const [index, stdout] of answers.entries()) {
    const exitCode = index === 1 || index === 3 ? 1 : 0
    search.respond = (argv) => (/^(npx|npm|node)/.test(argv[0] ?? '') ? { exitCode, stdout, stderr: stdout } : {})
    for (const word of ['--temporary', '--local']) {
      for (const more of ['--verbose', '--json', '--dry-run']) {
        const env = { XDG_CACHE_HOME: join(search.app.root, 'node_modules/.cache') }
        await search.run(['prisma-postgres', '--yes', '--no-install', '--no-verify', word, more], env)
      }
    }
    await search.run(['undo', '--yes', '--verbose'])
  }
  search.end()
}

/** The program as it is published, in a process of its own, with the framework's helpers at hand. */
async function throughDoor(search: Searcher, door: Door): Promise<void> {
  const folder = dirname(door.argv[0]!.replace('/dist/', '/'))
  const framework = search.app.text('package.json').includes('@cedarjs') ? 'cedar' : 'redwood'
  const helpers = helpersOf(framework, folder)
  for (const [path, text] of Object.entries(helpers)) search.app.write(path, text)
  const url = INPUTS_OF.neon.POOLING_DATABASE_URL!
  for (const words of ['neon --dry-run --json', 'doctor', 'neon --yes --verbose', 'doctor --fix --yes', 'undo --yes']) {
    await search.enter(door, folder, words.split(' '), INPUTS_OF.neon)
  }
  await search.enter(door, folder, ['neon', url], INPUTS_OF.neon)
  await search.enter(door, folder, ['neon', '--yes', '--no-such-option', url], INPUTS_OF.neon)
  await search.enter(door, folder, ['neon', '--yes', '--json', '--verbose', '--telemetry'], INPUTS_OF.neon)
  search.expectTelemetry(door.name.includes('framework'))
  search.end()
}

async function registers(search: Searcher): Promise<void> {
  const env = INPUTS_OF.supabase
  for (const words of ['--dry-run', '--yes --verbose', '--yes --json', '--remove --yes --json']) {
    await search.run(['register', ...words.split(' '), '--no-install'], env)
  }
  search.end()
}

async function badInputs(search: Searcher): Promise<void> {
  const url = INPUTS_OF.supabase.POOLING_DATABASE_URL!
  const raw = INPUTS.supabase.POOLING_DATABASE_URL!.replace(PASSWORD, CANARY)
  const wrong = [
    raw,
    url.replace('://', '//'),
    url.replace('postgresql', 'mysql'),
    url.replace('postgresql', 'https'),
    url.replace(':6543', ':6543x'),
    `${url} ${CANARY}`,
    encode(CANARY),
    CANARY,
    url.replace('aws-1', '[YOUR-HOST]'),
    url.replace(':6543', ':5432'),
  ]
  for (const each of wrong) {
    const names = ['POOLING_DATABASE_URL', 'POOLING_DIRECT_URL', 'POOLING_TEST_DATABASE_URL', 'POOLING_REPLICA_URLS']
    for (const words of [['--yes'], ['--yes', '--json'], ['--dry-run', '--verbose', '--read-replicas']]) {
      await search.run(['supabase', ...words], Object.fromEntries(names.map((name) => [name, each])))
      await search.run(['neon', ...words], { POOLING_DATABASE_URL: each })
    }
  }
  for (const argv of [[url], ['supabase', `--dotenv=${url}`], ['supabase', '--direct-env', raw], ['undo', raw]]) {
    await search.run(argv)
  }
  await search.run(['supabase', '--dryrun', '--json'], INPUTS_OF.supabase)
  await search.run(['supabase', '--cwd', '/nowhere'], INPUTS_OF.supabase)
  await search.run(['digitalocean', '--yes'], { POOLING_DATABASE_URL: url })
  search.end()
}

// ---- what is given

const INPUTS_OF = Object.fromEntries(
  Object.entries(INPUTS).map(([provider, inputs]) => [
    provider,
    Object.fromEntries(Object.entries(inputs).map(([name, url]) => [name, url.replace(PASSWORD, encode(CANARY))])),
  ]),
) as Record<ProviderId, Record<string, string>>

/** An app whose own files hold the secret before this program comes. */
function withSecrets(files: Files): Files {
  const url = `postgresql://app:${encode(CANARY)}@old.example.com:5432/shop`
  const schema = files['api/db/schema.prisma']!.replace(/env\("DATABASE_URL"\)/, JSON.stringify(url))
  return {
    ...files,
    '.env': `# was ${url}\n# DATABASE_URL=${url}\nDATABASE_URL=${url}\nAPI_TOKEN='${CANARY}'\n`,
    'api/db/schema.prisma': `// ${url}\n${schema}`,
  }
}

// ---- where it is looked for

const MEANT = new Set(['.env', 'pgbouncer/userlist.txt'])

class Searcher {
  readonly app: TestApp
  respond: CliOptions['respond']
  connect: CliOptions['connect']
  private readonly result: Sweep
  private readonly name: string
  private readonly files: Files
  private readonly temporary: string
  private readonly hidden = new Set<string>()
  private last: CliResult | null = null
  private told = ''

  constructor(result: Sweep, name: string, files: Files, temporary: string) {
    this.result = result
    this.name = name
    this.files = files
    this.temporary = temporary
    this.app = testApp(files)
  }

  setUp(provider: ProviderId, ...words: string[]): Promise<void> {
    return this.run([provider, '--yes', ...DONE, ...flagsFor(provider), ...words], INPUTS_OF[provider])
  }

  async run(argv: readonly string[], env: Record<string, string> = {}): Promise<void> {
    const { respond, connect } = this
    const children: string[] = []
    const onRun = (child: readonly string[]) => void children.push(child.join('\0'))
    const options = {
      cwd: this.app.root,
      env,
      onRun,
      ...(respond ? { respond } : {}),
      ...(connect ? { connect } : {}),
    }
    const typed = argv.filter((word) => formsIn(word).length === 0).join(' ')
    this.result.runs++
    this.last = await cli(argv, options)
    this.search('stdout', typed, this.last.stdout)
    this.search('stderr', typed, this.last.stderr)
    for (const child of children) this.search('argv of a child', typed, child)
    this.searchFiles(typed)
  }

  async enter(door: Door, folder: string, argv: readonly string[], env: Record<string, string>): Promise<void> {
    this.result.runs++
    const typed = argv.filter((word) => formsIn(word).length === 0).join(' ')
    const { exitCode, texts } = await enter(door, argv, { folder, cwd: this.app.root, env })
    if (exitCode === null) this.result.found.push(`${this.name}: ${typed} was killed`)
    for (const [place, text] of Object.entries(texts)) this.search(place, typed, text)
    this.told = texts['what the telemetry was told'] ?? ''
    this.searchFiles(typed)
  }

  /** A file of the app's own that holds the canary from now on. */
  hides(path: string): void {
    this.hidden.add(path)
  }

  expectTelemetry(isTold: boolean): void {
    if (this.told.includes('"command"') !== isTold)
      this.result.found.push(`${this.name}: the telemetry was told '${this.told.trim()}'`)
  }

  /** What was meant to happen did, so that it was searched at all. */
  expect(exitCode: '0' | '1'): void {
    const is = this.last?.exitCode
    if (String(is) !== exitCode) this.result.found.push(`${this.name}: exit code ${is} and not ${exitCode}`)
  }

  expectSaid(words: string): void {
    if (!this.last?.stderr.includes(words)) this.result.found.push(`${this.name}: nothing says '${words}'`)
  }

  /** Every file of the journal, below the app. */
  journal(): string[] {
    return walk(this.app.root, '').filter((path) => /^\.(redwood|cedar)\/pooling\//.test(path))
  }

  end(): void {
    const others = walk(this.temporary, '').filter((path) => !join(this.temporary, path).startsWith(this.app.root))
    for (const path of others.filter((path) => !path.startsWith('doors-')))
      this.search('temporary file', path, readFileSync(join(this.temporary, path), 'utf8'))
    this.app.dispose()
  }

  private searchFiles(typed: string): void {
    for (const path of walk(this.app.root, '')) {
      const place = join(this.app.root, path)
      const where = `${path} after ${typed}`
      const holds = this.hidden.has(path) || formsIn(this.files[path] ?? '').length > 0
      const isCopy = /^\.(redwood|cedar)\/pooling\/(history\/[^/]+\/blobs|kept)\//.test(path)
      const text = readFileSync(place, 'utf8')
      if (isCopy || (MEANT.has(path) && !this.hidden.has(path))) {
        this.count('mode of a copy')
        const isPrivate = (statSync(place).mode & 0o077) === 0
        if (!isPrivate) this.result.found.push(`${this.name}: ${where} can be read by others`)
      } else if (!holds) this.search(kindOf(path), where, text)
    }
  }

  private search(place: string, where: string, text: string): void {
    this.count(place)
    for (const form of formsIn(text)) this.result.found.push(`${this.name}: ${place}, ${where}, holds it ${form}`)
  }

  private count(place: string): void {
    this.result.searched++
    this.result.places[place] = (this.result.places[place] ?? 0) + 1
  }
}

function kindOf(path: string): string {
  if (/^\.(redwood|cedar)\/pooling\//.test(path)) return "journal's readable part"
  if (/^\.env\./.test(path)) return '.env.example and the like'
  return "file of the app's"
}

/** Git's own, and what the fakes are made of. */
const NOT_OURS = /^\.git$|^node_modules$|^doors-/

function walk(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name)
    if (entry.isDirectory()) return NOT_OURS.test(path) ? [] : walk(root, path)
    return entry.isFile() ? [path] : []
  })
}
