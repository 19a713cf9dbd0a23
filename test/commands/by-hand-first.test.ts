import { afterEach, describe, expect, it } from 'vitest'
import { EXIT } from '../../src/base/errors.ts'
import { main } from '../../src/cli.ts'
import { KEYS, Person, type Step } from '../ask/person.ts'
import { CEDAR_5, type Files, REDWOOD_8, type TestApp, testApp } from '../support/apps.ts'
import { ioWith } from '../support/cli.ts'

let app: TestApp
afterEach(() => app.dispose())

async function wizard(files: Files, steps: readonly Step[]) {
  app = testApp(files)
  const person = new Person(steps, 200)
  const { io, exitCode } = ioWith({
    cwd: app.root,
    env: {},
    terminal: person.terminal,
    run: async () => ({ exitCode: 0, stdout: '', stderr: '' }),
  })
  await main(['neon'], io)
  return { exitCode: exitCode() ?? -1, person }
}

const GENERATED = `// This file is generated. Do not edit it.\n${REDWOOD_8['api/db/schema.prisma']}`
const { 'api/prisma.config.cjs': _config, ...WITHOUT_CONFIG } = CEDAR_5

describe('what no answer changes is told before the first question', () => {
  it.each<[string, Files, string]>([
    ['a generated schema', { ...REDWOOD_8, 'api/db/schema.prisma': GENERATED }, 'schema.prisma:1: This schema is gen'],
    ['a schema without a datasource', { ...REDWOOD_8, 'api/db/schema.prisma': 'model A {}\n' }, 'no datasource block'],
    ['a missing config', WITHOUT_CONFIG, 'No prisma.config file was found'],
    ['a package.json that does not parse', { ...REDWOOD_8, 'api/package.json': '{' }, "api/package.json isn't valid"],
  ])('%s', async (_what, files, told) => {
    const { exitCode, person } = await wizard(files, [{ expect: 'edit that by hand?', keys: KEYS.enter }])
    expect(person.waiting).toEqual([])
    expect(person.transcript).toContain(told)
    expect(person.transcript).not.toContain('Which database')
    expect(person.transcript).toContain('Nothing was changed.')
    expect(exitCode).toBe(EXIT.failed)
  })

  it('and the questions come after a yes', async () => {
    const { person } = await wizard({ ...REDWOOD_8, 'api/db/schema.prisma': GENERATED }, [
      { expect: 'edit that by hand?', keys: 'y' },
      { expect: 'Which database is it?', keys: KEYS.ctrlC },
    ])
    expect(person.waiting).toEqual([])
  })
})
