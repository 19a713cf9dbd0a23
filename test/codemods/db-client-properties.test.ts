import fc from 'fast-check'
import { expect, it } from 'vitest'
import { chainOf } from '../../codemods/db-client/chain.ts'
import { editClient } from '../../codemods/db-client/index.ts'
import { readShape } from '../../codemods/db-client/shape.ts'
import type { ClientTarget } from '../../codemods/db-client/target.ts'
import { rootName, sourceOf } from '../../codemods/module/ast.ts'
import { scanModule } from '../../codemods/module/module-scan.ts'
import { loadParser } from '../../codemods/module/parse.ts'
import { UNSAFE } from '../../codemods/module/refused.ts'
import { essence } from '../../codemods/module/same-code.ts'
import { applyEdits, isRefusal } from '../../codemods/text/edit.ts'
import { runs } from '../support/sampling.ts'
import { adapterTarget, type Composed, clientModule, clientTarget, engineTarget } from './db-client-compose.ts'
import { type FakeClient, fakeModules, runModule, toCommonJs, urlsOf } from './run-module.ts'

const parser = await loadParser()
const PATH = 'api/src/lib/db.js'
const numRuns = runs(3, 40)

/** The module as it comes out; `null` when it is refused, for a reason that is worth one. */
function brought(text: string, target: ClientTarget): string | null {
  const result = editClient(text, PATH, target, parser)
  if (!isRefusal(result)) {
    return applyEdits(text, result.edits)
  }
  expect(result.refusal.reason).not.toBe(UNSAFE)
  expect(result.refusal.reason).not.toBe('The file does not parse.')
  return null
}

function property(holds: (module: Composed, after: string, target: ClientTarget) => void): void {
  fc.assert(
    fc.property(clientModule, clientTarget, (module, target) => {
      const after = brought(module.text, target)
      if (after !== null) {
        holds(module, after, target)
      }
    }),
    { numRuns },
  )
}

it('refuses few of the shapes that the pieces make', () => {
  const samples = fc.sample(fc.tuple(clientModule, clientTarget), { numRuns: 40, seed: 1 })
  const refused = samples.filter(([{ text }, target]) => brought(text, target) === null)
  expect(refused.length / samples.length).toBeLessThan(0.1)
})

it('twice is once', () => {
  property((_, after, target) => {
    expect(brought(after, target)).toBe(after)
  })
})

it("leaves the user's own code, the BOM, line endings and the final newline", () => {
  property(({ text, style, bystanders }, after) => {
    for (const block of bystanders) {
      expect(after).toContain(block)
    }
    expect(after.lastIndexOf('\uFEFF')).toBe(style.bom ? 0 : -1)
    expect(/\r\n/.test(after) && /[^\r]\n/.test(after)).toBe(false)
    expect(after.endsWith('\n')).toBe(text.endsWith('\n'))
  })
})

it('writes in the style of the file', () => {
  property(({ text, style }, after) => {
    const was = new Set(text.split(/\r?\n/))
    const written = after.split(/\r?\n/).filter((line) => !was.has(line) && !/\/\/|^\s*\/?\*/.test(line))
    const statements = written.filter((line) => /^(import|const|export const) .*[)'"]$|^(import|const) .*;$/.test(line))
    for (const line of written) {
      expect(line.includes(style.quote === '"' ? "'" : '"'), line).toBe(false)
    }
    const hasSemicolons = /;$/m.test(text.replaceAll('\r', ''))
    for (const line of statements.filter((one) => one.startsWith('import '))) {
      expect(line.endsWith(';'), line).toBe(hasSemicolons)
    }
  })
})

/** What each `$extends` of `db` is given: an extension's name, or `inline`. */
function extensionsOf(text: string): string[] {
  const { db } = readShape(scanModule(text, PATH, parser))
  const calls = db?.init ? chainOf(db.init).calls : []
  return calls.map(({ arguments: [extension] }) => (extension && rootName(extension)) ?? 'inline')
}

it('has the extensions that the target says, replicas last, and all of the user’s', () => {
  property(({ text }, after, target) => {
    const before = extensionsOf(text)
    const now = extensionsOf(after)
    const ours = ['withAccelerate', 'readReplicas']
    expect(now.filter((name) => !ours.includes(name))).toEqual(before.filter((name) => !ours.includes(name)))
    expect(now.filter((name) => name === 'withAccelerate')).toHaveLength(target.accelerate ? 1 : 0)
    expect(now.filter((name) => name === 'readReplicas')).toHaveLength(target.readReplicas ? 1 : 0)
    expect(now.indexOf('readReplicas')).toBe(target.readReplicas ? now.length - 1 : -1)
  })
})

it('never makes db a `new` expression', () => {
  const isBare = (text: string): boolean => {
    const { db } = readShape(scanModule(text, PATH, parser))
    const chain = db?.init ? chainOf(db.init) : null
    return chain?.base.type === 'NewExpression' && chain.calls.length === 0
  }
  property(({ text }, after) => {
    expect(isBare(after) && !isBare(text)).toBe(false)
  })
})

/** What one target has no use for of the user's own options does not come back with the next. */
const isLossy = (text: string) => /new Pool|datasource|onPoolError/.test(text)

/**
 * The top-level statements in any order, once the client and what it is extended with stand in statements of their
 * own, which some ways bring about and others not.
 */
function settled(text: string, target: ClientTarget): string[] {
  const other = brought(text, { ...target, accelerate: !target.accelerate })
  const { body, text: code } = scanModule(brought(other!, target)!, PATH, parser)
  const settledOne = (source: string) =>
    // A list of exports doesn't parse by itself.
    /^export \{/.test(source) ? source.replace(/;$/, '') : withoutNumbers(essence(source, PATH, parser))
  return body.map((statement) => settledOne(sourceOf(code, statement))).sort()
}

/** Numbers in the code are the app's own. */
function withoutNumbers(essence: string): string {
  return essence.replace(/ , (max|\w+TimeoutMillis|maxLifetimeSeconds) : [\d_]+/g, '').replace(/maxWait : [\d_]+/, '')
}

it.each([
  ['engine', engineTarget],
  ['adapter', adapterTarget],
] as const)('with an %s, any target and then another leaves what the other leaves', (_, targets) => {
  fc.assert(
    fc.property(clientModule, targets, targets, ({ text }, first, other) => {
      const schema = first.adapter?.schema ?? null
      const second = {
        ...other,
        prismaMajor: first.prismaMajor,
        adapter: other.adapter && { ...other.adapter, schema },
      }
      const between = brought(text, first)
      const alone = brought(text, second)
      fc.pre(between !== null && alone !== null && !isLossy(text))
      expect(settled(brought(between!, second)!, second)).toEqual(settled(alone!, second))
    }),
    { numRuns },
  )
})

it('reaches nothing but the test database when it runs in a test run', () => {
  const environment = fc.record({
    NODE_ENV: fc.constantFrom(undefined, 'test', 'development', 'production'),
    TEST_DATABASE_URL: fc.constantFrom(undefined, 'postgresql://u:p@localhost/test', 'mysql://u:p@localhost/test'),
    secret: fc.constantFrom(undefined, '', 'postgresql://u:p@production.example.com/shop'),
  })
  fc.assert(
    fc.property(clientModule, clientTarget, environment, ({ text }, target, { secret, ...rest }) => {
      const after = brought(text, target)
      if (after === null) {
        return
      }
      const env = {
        ...rest,
        DATABASE_URL: rest.TEST_DATABASE_URL || 'file:/app/.redwood/test.db',
        DATABASE_CONNECTION_POOL_URL: secret,
        DATABASE_URL_POOLED: secret,
        DATABASE_REPLICA_URLS: secret,
        POOLED_URL: secret,
        REPLICA_URL: secret,
      }
      const { db } = runModule(toCommonJs(after, PATH), { env, modules: fakeModules([]) })
      for (const url of urlsOf(db as FakeClient, env)) {
        expect(url, after).not.toContain('production')
      }
    }),
    { numRuns },
  )
})
