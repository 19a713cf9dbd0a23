import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { takeBack } from '../../src/journal/take-back.ts'
import { PROVIDER_IDS } from '../../src/providers/types.ts'
import { FIXTURE_APPS, type TestApp, testApp } from '../support/apps.ts'
import { cli } from '../support/cli.ts'
import { flagsFor, INPUTS } from '../support/inputs.ts'
import { pairs, runs, sampled } from '../support/sampling.ts'
import { edited, laterEdits, type Pair } from './later-edits.ts'

// Law 2, after edits that don't touch our lines: undo leaves exactly the app as it was plus those edits.

const names = Object.keys(FIXTURE_APPS) as (keyof typeof FIXTURE_APPS)[]
const cases = pairs(PROVIDER_IDS, names).map(([provider, name]) => ({ provider, name }))

describe.each(cases)('$provider on $name', ({ provider, name }) => {
  let app: TestApp
  let pairsOfFiles: Pair[]
  const created: { path: string; after: string }[] = []
  beforeAll(async () => {
    app = testApp(FIXTURE_APPS[name])
    const before = app.read()
    const run = await cli([provider, '--yes', '--json', ...flagsFor(provider)], {
      cwd: app.root,
      env: INPUTS[provider],
    })
    expect(run.json()).toMatchObject({ status: 'applied', refusals: [] })
    pairsOfFiles = [...app.read()].flatMap(([path, { text }]) => {
      const found = before.get(path)?.text
      if (found === undefined) created.push({ path, after: text })
      return found === undefined || found === text ? [] : [{ path, before: found, after: text }]
    })
    expect(pairsOfFiles.length).toBeGreaterThan(2)
  }, 60_000)
  afterAll(() => app.dispose())

  it('each file keeps what was done to it since', async () => {
    await fc.assert(
      fc.asyncProperty(laterEdits, async (edits) => {
        for (const pair of pairsOfFiles) {
          const { path, before, after } = edited(pair, edits)
          const taken = await takeBack({ path, before: pair.before, after: pair.after, now: after }, true)
          expect(taken, path).toEqual({ text: before, conflicts: [], numbers: false })
        }
      }),
      { numRuns: runs(2, 200) },
    )
  })

  it('a line put between lines of ours stays, and ours go', async () => {
    for (const { path, before, after } of pairsOfFiles.filter(({ path }) => !path.endsWith('package.json'))) {
      const lines = after.split('\n')
      for (const index of sampled([...lines.keys()], 6)) {
        const mine = path.includes('.env') ? '# mine' : '// mine'
        const now = lines.toSpliced(index, 0, mine).join('\n')
        const { text, conflicts } = await takeBack({ path, before, after, now }, true)
        expect(conflicts, `${path}:${index}`).toEqual([])
        expect(text!.replace(`${mine}\n`, ''), `${path}:${index}`).toBe(before)
      }
    }
  })

  it('a line of ours that was changed stands in the way, and no other', async () => {
    for (const { path, before, after } of pairsOfFiles.filter(({ path }) => !path.endsWith('package.json'))) {
      const found = before.split('\n')
      const lines = after.split('\n')
      for (const [index, line] of lines.entries()) {
        if (line.trim() === '' || found.includes(line)) continue
        const now = lines.with(index, `${line} mine`).join('\n')
        const { conflicts } = await takeBack({ path, before, after, now }, true)
        expect(conflicts, `${path}:${index}`).toMatchObject([
          { line: index + 1, end: index + 1, now: `${line} mine\n` },
        ])
      }
    }
  })

  it('the command leaves the app as it was plus those edits', async () => {
    const [edits] = fc.sample(laterEdits, 1)
    const later = pairsOfFiles.map((pair) => edited(pair, edits!))
    for (const { path, after } of later) app.write(path, after)
    app.write('MINE.md', 'mine\n')
    const undone = await cli(['undo', '--yes', '--json'], { cwd: app.root })
    expect(undone.json().status, undone.stderr).toBe('undone')
    const left = app.read()
    for (const { path, before } of later) expect(left.get(path)?.text, path).toBe(before)
    for (const { path } of created) expect(left.has(path), path).toBe(false)
    expect(left.get('MINE.md')?.text).toBe('mine\n')
  })
})
