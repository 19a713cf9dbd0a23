import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, posix } from 'node:path'
import { encode } from '../../src/connection/encoding.ts'
import { PROVIDER_IDS, type ProviderId } from '../../src/providers/types.ts'
import { FIXTURE_APPS, type Files, type TestApp, testApp } from '../support/apps.ts'
import { type CliOptions, type CliResult, cli } from '../support/cli.ts'
import { flagsFor, INPUTS, PASSWORD } from '../support/inputs.ts'
import { CANARY, formsIn } from './canary.ts'

export interface Sweep {
  /** Texts that were searched: a stream, a document, an argument list, a file. */
  searched: number
  /** Runs of the program. */
  runs: number
  /** Where the canary was: never the text itself. */
  found: string[]
}

export interface SweepOptions {
  providers?: readonly ProviderId[]
  fixtures?: readonly (keyof typeof FIXTURE_APPS)[]
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
}: SweepOptions = {}): Promise<Sweep> {
  const result: Sweep = { searched: 0, runs: 0, found: [] }
  const before = process.env.TMPDIR
  const temporary = mkdtempSync(join(tmpdir(), 'sweep-'))
  // What the program leaves in the folder for temporary files is searched too.
  process.env.TMPDIR = temporary
  try {
    for (const fixture of fixtures) {
      await badInputs(new Searcher(result, `bad input on ${fixture}`, FIXTURE_APPS[fixture], temporary))
      await registers(new Searcher(result, `register on ${fixture}`, FIXTURE_APPS[fixture], temporary))
      for (const provider of providers) {
        const start = (what: string, files: Files = FIXTURE_APPS[fixture]) =>
          new Searcher(result, `${provider} on ${fixture}, ${what}`, files, temporary)
        await previews(start('previewed'), provider)
        await applies(start('applied'), provider)
        await fails(start('failing commands'), provider)
        await interrupted(start('interrupted'), provider)
        await conflicts(start('conflicting undo'), provider)
        await hardCoded(start('hard-coded', withSecrets(FIXTURE_APPS[fixture])), provider)
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
  await search.setUp(provider, '--env-file', 'none')
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
      const manifest = JSON.parse(search.app.text(path))
      search.app.write(path, JSON.stringify({ ...manifest, state: 'applying' }))
    }
    if (words) await search.run(words)
    else await search.setUp(provider, '--json')
    search.expectSaid('was interrupted')
  }
  search.end()
}

async function conflicts(search: Searcher, provider: ProviderId): Promise<void> {
  await search.setUp(provider)
  const changed = [...search.app.read().keys()].filter((path) =>
    /^\.env$|db\.[jt]s$|schema\.prisma$/.test(path),
  )
  for (const path of changed) {
    const isEnv = path === '.env'
    search.app.write(path, `${search.app.text(path)}\n${isEnv ? `MORE="${CANARY}"` : '// mine'}\n`)
  }
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
    const names = [
      'POOLING_DATABASE_URL',
      'POOLING_DIRECT_URL',
      'POOLING_TEST_DATABASE_URL',
      'POOLING_REPLICA_URLS',
    ]
    for (const words of [['--yes'], ['--yes', '--json'], ['--dry-run', '--verbose', '--read-replicas']]) {
      await search.run(['supabase', ...words], Object.fromEntries(names.map((name) => [name, each])))
      await search.run(['neon', ...words], { POOLING_DATABASE_URL: each })
    }
  }
  for (const argv of [
    [url],
    ['supabase', `--env-file=${url}`],
    ['supabase', '--direct-env', raw],
    ['undo', raw],
  ]) {
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
    Object.fromEntries(
      Object.entries(inputs).map(([name, url]) => [name, url.replace(PASSWORD, encode(CANARY))]),
    ),
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
  private readonly result: Sweep
  private readonly name: string
  private readonly files: Files
  private readonly temporary: string
  private last: CliResult | null = null

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
    const { respond } = this
    const children: string[] = []
    const onRun = (child: readonly string[]) => void children.push(child.join('\0'))
    const options = { cwd: this.app.root, env, onRun, ...(respond ? { respond } : {}) }
    const typed = argv.filter((word) => formsIn(word).length === 0).join(' ')
    this.result.runs++
    this.last = await cli(argv, options)
    this.search(`stdout of ${typed}`, this.last.stdout)
    this.search(`stderr of ${typed}`, this.last.stderr)
    for (const child of children) this.search(`argv of a child of ${typed}`, child)
    this.searchFiles(typed)
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
    const others = walk(this.temporary, '').filter(
      (path) => !join(this.temporary, path).startsWith(this.app.root),
    )
    for (const path of others)
      this.search(`the temporary file ${path}`, readFileSync(join(this.temporary, path), 'utf8'))
    this.app.dispose()
  }

  private searchFiles(typed: string): void {
    for (const path of walk(this.app.root, '')) {
      const place = join(this.app.root, path)
      const where = `${path} after ${typed}`
      const isCopy = /^\.(redwood|cedar)\/pooling\/(history\/[^/]+\/blobs|kept)\//.test(path)
      const text = readFileSync(place, 'utf8')
      if (isCopy || MEANT.has(path)) {
        this.result.searched++
        const isPrivate = (statSync(place).mode & 0o077) === 0
        if (!isPrivate) this.result.found.push(`${this.name}: ${where} can be read by others`)
      } else if (formsIn(this.files[path] ?? '').length === 0) this.search(where, text)
    }
  }

  private search(where: string, text: string): void {
    this.result.searched++
    for (const form of formsIn(text)) this.result.found.push(`${this.name}: ${where} holds it ${form}`)
  }
}

function walk(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name)
    if (entry.isDirectory()) return path === '.git' ? [] : walk(root, path)
    return entry.isFile() ? [path] : []
  })
}
