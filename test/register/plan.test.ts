import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Plan } from '../../src/plan/types.ts'
import { PACKAGE, planRegister, type RegisterInput } from '../../src/register/plan.ts'
import { PLUGIN_PATH } from '../../src/register/plugin.ts'

const PLUGIN = readFileSync(new URL('../../templates/yarn-plugin-setup-pooling.cjs', import.meta.url), 'utf8')

const manifest = (value: object) => `${JSON.stringify(value, null, 2)}\n`

const REDWOOD = {
  'package.json': manifest({ devDependencies: { '@redwoodjs/core': '8.9.0' }, packageManager: 'yarn@4.6.0' }),
  '.gitignore': '.yarn/*\n!.yarn/patches\n!.yarn/plugins\n',
  '.yarnrc.yml': '# Yarn\nnodeLinker: node-modules\n',
  'redwood.toml': '[web]\n  title = "x"\n',
}

/** As the framework's own plugin API has it, by hand. */
const LISTED = {
  'redwood.toml': `${REDWOOD['redwood.toml']}\n[[experimental.cli.plugins]]\n  package = "${PACKAGE}"\n`,
}

function plan(files: Record<string, string>, input: Partial<RegisterInput> = {}): Promise<Plan> {
  return planRegister({
    files: new Map(Object.entries(files)),
    app: { framework: files['package.json']?.includes('@cedarjs/core') ? 'cedar' : 'redwood', packageManager: 'yarn' },
    pluginIsIgnored: false,
    yarnRootIsAppRoot: true,
    ownVersion: '1.2.3',
    pluginSource: PLUGIN,
    install: true,
    remove: false,
    ...input,
  })
}

/** The app's files after a plan. */
function applied(files: Record<string, string>, { files: changes }: Plan) {
  const result = new Map(Object.entries(files))
  for (const change of changes) {
    expect(change.before).toBe(result.get(change.path) ?? null)
    if (change.after === null) result.delete(change.path)
    else result.set(change.path, change.after)
  }
  return Object.fromEntries(result)
}

describe('register', () => {
  it('plans the plugin, the line that names it, and the package', async () => {
    const { files, packages, commands, refusals, warnings, next } = await plan(REDWOOD)
    expect(files.map(({ path, before }) => [path, before])).toEqual([
      [PLUGIN_PATH, null],
      ['.yarnrc.yml', REDWOOD['.yarnrc.yml']],
      ['package.json', REDWOOD['package.json']],
    ])
    expect(commands.map(({ argv }) => argv.join(' '))).toEqual(['yarn install'])
    expect(files[0]!.after).toBe(PLUGIN)
    expect(files[1]!.after).toBe(`${REDWOOD['.yarnrc.yml']}\nplugins:\n  - path: ${PLUGIN_PATH}\n`)
    expect(packages.add).toEqual([{ workspace: 'root', name: PACKAGE, range: '^1.2.3', dev: true }])
    expect([refusals, warnings, packages.remove]).toEqual([[], [], []])
    expect(next).toEqual([
      'Run it, from the root or from api/: yarn rw setup pooling',
      `Commit ${PLUGIN_PATH}, .yarnrc.yml, package.json, yarn.lock together, so that the whole team has it.`,
    ])
  })

  it('plans nothing the second time, whatever line endings Git has given the plugin', async () => {
    const registered = applied(REDWOOD, await plan(REDWOOD))
    const checkedOut = { ...registered, [PLUGIN_PATH]: PLUGIN.replaceAll('\n', '\r\n') }
    for (const files of [registered, checkedOut]) {
      const again = await plan(files)
      expect([again.files, again.packages.add, again.refusals]).toEqual([[], [], []])
    }
  })

  it('brings a plugin of an earlier version up to date', async () => {
    const registered = applied(REDWOOD, await plan(REDWOOD))
    const old = `${PLUGIN}// an earlier version\n`
    const { files } = await plan({ ...registered, [PLUGIN_PATH]: old })
    expect(files).toEqual([{ path: PLUGIN_PATH, before: old, after: PLUGIN, generated: true }])
  })

  it('speaks of `yarn cedar` in a Cedar app', async () => {
    const { next } = await plan({
      ...REDWOOD,
      'cedar.toml': '[web]\n',
      'package.json': manifest({ devDependencies: { '@cedarjs/core': '5.0.3' }, packageManager: 'yarn@4.14.1' }),
    })
    expect(next[0]).toContain('yarn cedar setup pooling')
  })

  it('keeps a package that is declared already, in either list', async () => {
    const declared = manifest({ dependencies: { [PACKAGE]: 'link:../cli' }, packageManager: 'yarn@4.6.0' })
    expect((await plan({ ...REDWOOD, 'package.json': declared })).packages.add).toEqual([])
  })

  it.each([
    ['npm', { app: { framework: 'cedar', packageManager: 'npm' } as const }, {}, `npx ${PACKAGE} [provider]`],
    ['pnpm', { app: { framework: 'cedar', packageManager: 'pnpm' } as const }, {}, `npx ${PACKAGE} [provider]`],
    ['classic Yarn', {}, { 'package.json': '{ "packageManager": "yarn@1.22.22" }' }, `npx ${PACKAGE}`],
    ['a yarnPath of Yarn 2', {}, { '.yarnrc.yml': 'yarnPath: ".yarn/releases/yarn-2.4.3.cjs"\n' }, `npx ${PACKAGE}`],
    ['a Yarn root above the app', { yarnRootIsAppRoot: false }, {}, `plugins:\n  - path: ${PLUGIN_PATH}`],
    ['a plugin that Git ignores', { pluginIsIgnored: true }, {}, '.yarn/*\n!.yarn/plugins'],
    ["a stranger's file in the way", {}, { [PLUGIN_PATH]: 'module.exports = {}\n' }, 'Move it'],
  ])('refuses %s as a whole, with what to do instead', async (_, input, files, snippet) => {
    const cedar = {
      'package.json': '{ "devDependencies": { "@cedarjs/core": "5.0.3" }, "packageManager": "yarn@4.14.1" }',
    }
    const result = await plan({ ...REDWOOD, ...cedar, ...files }, input)
    expect(result).toMatchObject({ files: [], packages: { add: [], remove: [] } })
    expect(result.refusals).toHaveLength(1)
    expect(result.refusals[0]!.snippet).toContain(snippet)
  })

  it.each([
    ['a lockfile of a newer Yarn', { 'yarn.lock': '__metadata:\n  version: 8\n' }, 0],
    ['a lockfile of classic Yarn', { 'yarn.lock': '# yarn lockfile v1\n' }, 1],
    ['nothing', {}, 1],
  ])('goes by the lockfile where nothing names a Yarn: %s', async (_, lock, refusals) => {
    const unnamed = { 'package.json': manifest({ devDependencies: { '@redwoodjs/core': '8.9.0' } }), ...lock }
    expect((await plan(unnamed)).refusals).toHaveLength(refusals)
  })

  it('refuses a file that it does not understand, with the lines to paste, and plans the rest', async () => {
    const { files, refusals } = await plan({ ...REDWOOD, '.yarnrc.yml': '{ nodeLinker: node-modules }\n' })
    expect(refusals).toMatchObject([{ path: '.yarnrc.yml', snippet: `plugins:\n  - path: ${PLUGIN_PATH}` }])
    expect(files.map(({ path }) => path)).toEqual([PLUGIN_PATH, 'package.json'])
  })
})

describe('register --remove', () => {
  it.each([
    ['an app as the templates make it', REDWOOD],
    ['no .yarnrc.yml', { ...REDWOOD, '.yarnrc.yml': undefined }],
    ['an empty .yarnrc.yml', { ...REDWOOD, '.yarnrc.yml': '' }],
    [
      'other plugins',
      {
        ...REDWOOD,
        '.yarnrc.yml': 'plugins:\n  - a.cjs',
        'redwood.toml': '[experimental.cli]\r\nplugins = []',
      },
    ],
  ])('leaves the bytes of %s as they were', async (_, original) => {
    const files = JSON.parse(JSON.stringify(original)) as Record<string, string>
    const registered = applied(files, await plan(files))
    const removal = await plan(registered, { remove: true })
    expect(removal.refusals).toEqual([])
    expect(removal.packages.remove.map(({ name }) => name)).toEqual([PACKAGE])
    expect(applied(registered, removal)).toEqual(files)
  })

  it.each([
    ['that was there', REDWOOD, false],
    ['of our own', { 'package.json': REDWOOD['package.json'] }, true],
  ])('takes the plugin out of a .yarnrc.yml %s before it deletes it', async (_, original, isDeleted) => {
    const registered = applied(original, await plan(original))
    const { files } = await plan(registered, { remove: true })
    expect(files.map(({ path, after }) => [path, after === null])).toEqual([
      ['.yarnrc.yml', isDeleted],
      ['package.json', false],
      [PLUGIN_PATH, true],
    ])
  })

  it('names a listing of the package that was made by hand', async () => {
    const { files, next } = await plan({ ...REDWOOD, ...LISTED }, { remove: true })
    expect(files).toEqual([])
    expect(next[0]).toContain('`[[experimental.cli.plugins]]` out of redwood.toml')
  })

  it('keeps the plugin as long as .yarnrc.yml cannot be freed of it', async () => {
    const registered = {
      ...applied(REDWOOD, await plan(REDWOOD)),
      '.yarnrc.yml': `{ plugins: [${PLUGIN_PATH}], a: [ }\n`,
    }
    const { files, refusals } = await plan(registered, { remove: true })
    expect(refusals.map(({ path }) => path)).toEqual(['.yarnrc.yml'])
    expect(files.map(({ path }) => path)).toEqual(['package.json'])
  })

  it("leaves a stranger's file where the plugin would be", async () => {
    const { files, refusals } = await plan({ ...REDWOOD, [PLUGIN_PATH]: 'module.exports = {}\n' }, { remove: true })
    expect([files, refusals.map(({ path }) => path)]).toEqual([[], [PLUGIN_PATH]])
  })

  it('has nothing to do in an app that is not registered', async () => {
    const { files, packages, refusals, next } = await plan(REDWOOD, { remove: true })
    expect([files, packages, refusals, next]).toEqual([[], { add: [], remove: [] }, [], []])
  })

  it('works where registering is refused, and tells what is above the app', async () => {
    const registered = applied(REDWOOD, await plan(REDWOOD))
    const { files, next } = await plan({ ...registered, ...LISTED }, { remove: true, yarnRootIsAppRoot: false })
    expect(files).toHaveLength(3)
    expect(next).toHaveLength(2)
  })
})
