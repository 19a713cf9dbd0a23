import { applyPatch, parsePatch } from 'diff'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PROVIDER_IDS, type ProviderId } from '../../src/providers/types.ts'
import { FIXTURE_APPS, type Files, type TestApp, testApp } from '../support/apps.ts'
import { type CliResult, cli } from '../support/cli.ts'
import { flagsFor, INPUTS, PASSWORD } from '../support/inputs.ts'
import { pairs } from '../support/sampling.ts'

const names = Object.keys(FIXTURE_APPS) as (keyof typeof FIXTURE_APPS)[]
const cases = pairs(PROVIDER_IDS, names).map(([provider, name]) => ({ provider, name }))

type Tree = ReturnType<TestApp['read']>

/** One app set up, set up again, and put back. */
interface Story {
  before: Tree
  dry: CliResult
  applied: CliResult
  after: Tree
  again: CliResult
  later: Tree
  undone: CliResult
  back: Tree
}

async function tell(app: TestApp, provider: ProviderId): Promise<Story> {
  const run = (...args: string[]) => cli(args, { cwd: app.root, env: INPUTS[provider] })
  const setUp = [provider, '--yes', '--json', ...flagsFor(provider)]
  return {
    before: app.read(),
    dry: await run(...setUp, '--dry-run'),
    applied: await run(...setUp),
    after: app.read(),
    again: await run(...setUp),
    later: app.read(),
    undone: await run('undo', '--yes', '--json'),
    back: app.read(),
  }
}

describe.each(cases)('$provider on $name', ({ provider, name }) => {
  const files: Files = FIXTURE_APPS[name]
  let app: TestApp
  let story: Story
  beforeAll(async () => {
    app = testApp(files)
    story = await tell(app, provider)
    // A run that was refused would keep most of the laws.
    expect(story.applied.json()).toMatchObject({ status: 'applied', refusals: [] })
    expect(story.applied.exitCode).toBe(0)
  })
  afterAll(() => app.dispose())

  it('1. twice is once', () => {
    expect(story.again.json()).toMatchObject({ status: 'unchanged', files: [] })
    expect(story.later).toEqual(story.after)
  })

  it('2. undo is exact', () => {
    expect(story.undone.json().status).toBe('undone')
    expect(story.undone.exitCode).toBe(0)
    expect(story.back).toEqual(story.before)
  })

  it('5. only what was promised', () => {
    const promised = story.dry.json().files
    expect(story.applied.json().files).toEqual(promised)
    const touched = [...new Set([...story.before.keys(), ...story.after.keys()])].filter(
      (path) => story.before.get(path)?.text !== story.after.get(path)?.text,
    )
    expect(touched.sort()).toEqual(promised.map(({ path }) => path).sort())
    for (const { path, diff } of promised) {
      const [before, after] = [story.before, story.after].map((tree) => tree.get(path)?.text ?? '')
      if (diff.includes('***')) expect(outside(after!, diff, 'new'), path).toEqual(outside(before!, diff, 'old'))
      else expect(applyPatch(before!, diff), path).toBe(after)
    }
  })

  it('6. no secret in what is printed or committed', () => {
    const { dry, applied, again, undone } = story
    const shown = [dry, applied, again, undone].flatMap(({ stdout, stderr, ran }) => [stdout, stderr, ...ran])
    expect(shown.join('\n')).not.toContain(PASSWORD)
    for (const [path, { text, mode }] of story.after) {
      if (!text.includes(PASSWORD)) continue
      expect(path).toMatch(/^(\.env$|pgbouncer\/)/)
      expect(mode & 0o077).toBe(0)
    }
  })
})

/** The lines that no hunk of a diff covers: those of a masked diff can't be compared themselves. */
function outside(text: string, diff: string, side: 'old' | 'new'): string[] {
  const covered = new Set(
    parsePatch(diff).flatMap(({ hunks }) =>
      hunks.flatMap((hunk) => Array.from({ length: hunk[`${side}Lines`] }, (_, at) => hunk[`${side}Start`] + at)),
    ),
  )
  return text.split('\n').filter((_, index) => !covered.has(index + 1))
}
