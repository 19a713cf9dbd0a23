import fc from 'fast-check'
import { expect, it } from 'vitest'
import { PROVIDER_IDS, type ProviderId } from '../../src/providers/types.ts'
import { CEDAR_5, REDWOOD_8, type TestApp, testApp } from '../support/apps.ts'
import { cli } from '../support/cli.ts'
import { flagsFor, INPUTS } from '../support/inputs.ts'
import { runs } from '../support/sampling.ts'

// Laws 2 and 3 over any sequence of runs and edits by hand; to them, `register` and `doctor --fix` are such edits. Beside
// the app stands its twin, which gets the edits and none of the runs.

const EDITS: Record<string, (text: string, mark: number) => string> = {
  'api/db/schema.prisma': (text, mark) => `${text}\nmodel Mine${mark} {\n  id Int @id\n}\n`,
  '.env': (text, mark) => `FIRST_${mark}=1\n${text}LAST_${mark}=2\n`,
  'api/src/lib/db.ts': (text, mark) => `// mine ${mark}\n${text}`,
  'api/package.json': (text, mark) => text.replace('  "dependencies": {', `  "mine${mark}": 1,\n  "dependencies": {`),
}

const step = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...PROVIDER_IDS).map((provider) => ({ do: 'pooling' as const, provider })) },
  { weight: 3, arbitrary: fc.constantFrom(...Object.keys(EDITS)).map((path) => ({ do: 'edit' as const, path })) },
  { weight: 2, arbitrary: fc.constant({ do: 'undo' as const }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('register', 'register --remove').map((words) => ({ do: 'register' as const, words })),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'fix' as const }) },
)

class Both {
  readonly app: TestApp
  readonly twin: TestApp
  /** Steps that can be undone. */
  steps = 0

  constructor(files: Record<string, string>) {
    this.app = testApp(files)
    this.twin = testApp(files)
  }

  async pooling(provider: ProviderId): Promise<void> {
    if ((await setUp(this.app, provider)) === 'applied') this.steps++
  }

  async undo(): Promise<void> {
    const { status } = (await run(this.app, 'undo --yes --json')).json()
    expect(status).toBe(this.steps > 0 ? 'undone' : 'unchanged')
    if (this.steps > 0) this.steps--
    if (this.steps === 0) expect(this.app.read()).toEqual(this.twin.read())
  }

  edit(path: string, mark: number): void {
    for (const app of [this.app, this.twin]) app.write(path, EDITS[path]!(app.text(path), mark))
  }

  async register(words: string): Promise<void> {
    for (const app of [this.app, this.twin]) {
      expect((await run(app, `${words} --yes --json`)).json().status).toMatch(/^(applied|unchanged)$/)
    }
  }

  /** Finds nothing to fix in an app that is set up. */
  async fix(): Promise<void> {
    const before = this.app.read()
    await run(this.app, 'doctor --fix --yes --no-verify')
    if (this.steps > 0) expect(this.app.read()).toEqual(before)
    else await run(this.twin, 'doctor --fix --yes --no-verify')
  }

  dispose(): void {
    for (const app of [this.app, this.twin]) app.dispose()
  }
}

function run(app: TestApp, words: string, env: Record<string, string> = {}) {
  return cli(words.split(' '), { cwd: app.root, env })
}

async function setUp(app: TestApp, provider: ProviderId): Promise<string> {
  const words = [provider, '--yes', '--json', '--no-verify', ...flagsFor(provider)].join(' ')
  const result = await run(app, words, INPUTS[provider])
  expect(result.json(), result.stderr).toMatchObject({ refusals: [] })
  expect(result.json().status).toMatch(/^(applied|unchanged)$/)
  return result.json().status
}

it.each([
  ['Redwood 8', REDWOOD_8],
  ['Cedar 5', CEDAR_5],
])(
  '2 and 3. on %s, any sequence ends as if only its last run had been, and undo takes all of it back',
  async (_, files) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 2, maxLength: 7 }),
        fc.constantFrom(...PROVIDER_IDS),
        async (sequence, last) => {
          const both = new Both(files)
          try {
            for (const [mark, each] of sequence.entries()) {
              if (each.do === 'pooling') await both.pooling(each.provider)
              else if (each.do === 'edit') both.edit(each.path, mark)
              else if (each.do === 'register') await both.register(each.words)
              else await both[each.do]()
            }
            await both.pooling(last)
            const left = both.app.read()
            while (both.steps > 0) await both.undo()
            expect(both.app.read()).toEqual(both.twin.read())
            await setUp(both.twin, last)
            expect(left).toEqual(both.twin.read())
          } finally {
            both.dispose()
          }
        },
      ),
      { numRuns: runs(1, 60) },
    )
  },
  120_000,
)
