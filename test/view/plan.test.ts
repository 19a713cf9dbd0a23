import { describe, expect, it } from 'vitest'
import { renderPlan, renderSummary } from '../../src/view/plan.ts'
import { aPlan, typicalPlan } from './a-plan.ts'

const WIDE = { color: false, columns: 100 }

describe('renderPlan', () => {
  it('shows everything that would change and what is left', async () => {
    await expect(await renderPlan(typicalPlan(), WIDE)).toMatchFileSnapshot('golden/plan.txt')
  })

  it('fits a narrow window', async () => {
    const text = await renderPlan(typicalPlan(), { color: false, columns: 40 })
    await expect(text).toMatchFileSnapshot('golden/plan-40.txt')
  })

  it('colours what is added and removed', async () => {
    const text = await renderPlan(typicalPlan(), { color: true, columns: 100 })
    expect(text).toContain('\u001b[32m+  provider  = "postgresql"\u001b[39m')
    expect(text).toContain('\u001b[31m-  provider = "sqlite"\u001b[39m')
  })

  it('tells a move in a line instead of all that is moved', async () => {
    const files = Array.from({ length: 7 }, (_, index) => `2024010${index}_step/migration.sql`).flatMap((name) => [
      { path: `api/db/migrations/${name}`, before: `-- ${name}\n`, after: null },
      { path: `api/db/migrations.sqlite/${name}`, before: null, after: `-- ${name}\n` },
    ])
    const text = await renderPlan(aPlan({ files }), WIDE)
    expect(text).toContain(
      '  7 moved, such as api/db/migrations/20240100_step/migration.sql\n    to api/db/migrations.sqlite/20240100_step/migration.sql\n',
    )
    expect(text).not.toContain('-- 2024')
  })

  it('shows a file whose text changes on the way in full', async () => {
    const files = [
      { path: 'a/x.sql', before: 'one\n', after: null },
      { path: 'b/x.sql', before: null, after: 'two\n' },
    ]
    const text = await renderPlan(aPlan({ files }), WIDE)
    expect(text).toContain('-one')
    expect(text).toContain('+two')
  })

  it('leaves sections out that have nothing to say', async () => {
    expect(await renderPlan(aPlan(), WIDE)).toBe('Files\n\n  Nothing to change.\n')
  })

  it('keeps the order of what is left to do', async () => {
    const text = await renderPlan(typicalPlan(), WIDE)
    expect(text).toMatch(
      /1\. Before the next deploy, set DIRECT_URL and DATABASE_URL.*:\n {5}DIRECT_URL: [\s\S]*2\. Run the first migration/,
    )
  })

  it('obeys nothing that a repository put into names, texts and paths', async () => {
    const hostile = '\u001b]0;owned\u0007\u001b[2J\u202e'
    const text = await renderPlan(
      aPlan({
        files: [{ path: `api/${hostile}.ts`, before: null, after: `${hostile}\n` }],
        env: [{ name: hostile, file: hostile, value: `postgresql://${hostile}` }],
        packages: { add: [{ workspace: 'api', name: hostile, range: hostile }], remove: [] },
        commands: [{ argv: [hostile], step: 'verify', title: hostile }],
        hostEnv: [{ name: hostile, why: hostile, value: null, add: {}, remove: [] }],
        warnings: [{ code: 'x', message: hostile }],
        refusals: [{ path: hostile, reason: hostile, snippet: hostile }],
        reasons: [hostile],
        next: [hostile],
      }),
      WIDE,
    )
    expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/)
  })
})

describe('renderSummary', () => {
  it("keeps what is written here and what the host needs apart, which may be two databases' under one name", () => {
    const local = 'postgresql://me:***@localhost:5432/shop'
    const plan = aPlan({ ...typicalPlan(), env: [{ name: 'DATABASE_URL', file: '.env', value: local }] })
    expect(renderSummary(plan, WIDE)).toMatch(
      /\n\nValues\n {2}DATABASE_URL {2}.*localhost.*\n\nValues for the host\n {2}DIRECT_URL .*\n {2}DATABASE_URL .*\n\n/,
    )
  })
})
