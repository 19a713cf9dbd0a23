import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { type Manifest, manifestText } from '../../src/journal/manifest.ts'
import { CEDAR_5, type Files, REDWOOD_8, type TestApp, testApp } from '../support/apps.ts'
import { type CliResult, cli } from '../support/cli.ts'
import { INPUTS } from '../support/inputs.ts'
import { pairs, runs, sampled } from '../support/sampling.ts'

// A repository is data: whatever is in it, nothing of it runs, nothing waits forever, and nothing of it reaches the
// terminal as anything but text.

const apps: TestApp[] = []
afterEach(() => {
  for (const app of apps.splice(0)) app.dispose()
})

function appWith(changes: Files, base: Files = REDWOOD_8): TestApp {
  const app = testApp({ ...base, ...changes })
  apps.push(app)
  return app
}

const SET_UP = ['supabase', '--yes', '--no-install', '--no-verify']
const EVERY_COMMAND = [
  [...SET_UP, '--dry-run'],
  [...SET_UP, '--dry-run', '--json'],
  ['doctor', '--verbose'],
  ['doctor', '--json'],
  ['register', '--dry-run', '--yes'],
  [...SET_UP, '--verbose'],
  ['doctor', '--fix', '--yes'],
  ['undo', '--dry-run'],
  ['undo', '--yes', '--json'],
]

function run(app: TestApp, args: readonly string[]): Promise<CliResult> {
  return cli(args, { cwd: app.root, env: INPUTS.supabase })
}

describe('what is not a file is never waited for', () => {
  const kinds: [string, (place: string) => void][] = [
    ['a pipe', (place) => execFileSync('mkfifo', [place])],
    ['a link to a device without end', (place) => symlinkSync('/dev/zero', place)],
  ]
  const each = (paths: string[], commands: string[][] = [SET_UP]) =>
    pairs(pairs(kinds, paths), commands).map(([[[kind, make], path], args]) => ({ kind, make, path, args }))
  const put = (app: TestApp, path: string, make: (place: string) => void) => {
    rmSync(join(app.root, path), { force: true })
    mkdirSync(dirname(join(app.root, path)), { recursive: true })
    const before = app.read()
    make(join(app.root, path))
    return before
  }

  it.each(
    each(
      [
        'package.json',
        'redwood.toml',
        'api/package.json',
        'api/db/schema.prisma',
        'api/src/lib/db.ts',
        'api/prisma.config.cjs',
        '.env',
        '.gitignore',
      ],
      [SET_UP, ['doctor'], ['undo', '--yes'], ['register', '--yes']],
    ),
  )('$path as $kind is refused by name, and nothing changes: $args', async ({ make, path, args }) => {
    const app = appWith({})
    const before = put(app, path, make)
    const { exitCode, stderr } = await run(app, args)
    expect(exitCode).toBe(1)
    expect(stderr).toContain(`${path} is not a regular file`)
    rmSync(join(app.root, path))
    expect(app.read()).toEqual(before)
  })

  const versions = ['yarn.lock', 'node_modules/prisma/package.json', 'node_modules/@redwoodjs/core/package.json']
  it.each(each(versions, [[...SET_UP, '--dry-run'], ['doctor']]))(
    '$path as $kind says nothing about a version: $args',
    async ({ make, path, args }) => {
      const app = appWith({})
      put(app, path, make)
      const { stderr } = await run(app, args)
      expect(stderr).not.toContain('unexpected')
      rmSync(join(app.root, path))
    },
  )

  const claim = '.redwood/pooling/lock-1-00.json'
  const manifest = '.redwood/pooling/history/000001-20260101T000000Z/manifest.json'
  it.each(each([claim, manifest]))('$path as $kind is refused by name', async ({ make, path }) => {
    const app = appWith({})
    put(app, path, make)
    const { exitCode, stderr } = await run(app, SET_UP)
    expect(exitCode).toBe(1)
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain(`${path} is not a regular file`)
  })
})

describe('code of the app', () => {
  it.each([
    ['Redwood', REDWOOD_8],
    ['Cedar', CEDAR_5],
  ])('of %s is read and never run', async (_, base) => {
    const outside = mkdtempSync(join(tmpdir(), 'marker-'))
    const marker = join(outside, 'ran')
    const harm = `require('node:fs').writeFileSync(${JSON.stringify(marker)}, '')\n`
    const script = `touch ${marker}`
    const harmful = (path: string) => `${harm}${base[path] ?? ''}`
    const git = `[core]\n\tfsmonitor = "${script}; false"\n\tpager = ${script}\n\thooksPath = .hooks\n[diff]\n\texternal = ${script}\n`
    const app = appWith(
      {
        'api/src/lib/db.ts': harmful('api/src/lib/db.ts'),
        'api/prisma.config.cjs': harmful('api/prisma.config.cjs'),
        'prisma.config.ts': harm,
        'redwood.config.js': harm,
        '.pnp.cjs': harm,
        '.yarn/plugins/evil.cjs': harm,
        'api/src/services/a/a.ts': harm,
        'node_modules/prisma/index.js': harm,
        'node_modules/prisma/package.json': '{"name":"prisma","version":"5.20.0","main":"index.js"}',
        '.hooks/post-index-change': `#!/bin/sh\n${script}\n`,
        '.env': `DATABASE_URL="$(${script})"\nX=\`${script}\`\n`,
      },
      base,
    )
    execFileSync('git', ['init', '--quiet'], { cwd: app.root })
    execFileSync('git', ['config', '--file', '.git/config', '--list'], { cwd: app.root })
    app.write('.git/config', `${app.text('.git/config')}${git}`)
    for (const args of sampled(EVERY_COMMAND, 5)) await run(app, args)
    expect(existsSync(marker)).toBe(false)
    rmSync(outside, { recursive: true })
  })
})

it.each(['package.json', 'api/package.json', 'redwood.toml', 'api/db/schema.prisma'])(
  '%s that no parser reads is named, and no defect',
  async (path) => {
    const app = appWith({ [path]: 'a secret {' })
    const before = app.read()
    const { exitCode, stdout, stderr } = await run(app, [...SET_UP, '--verbose'])
    expect(exitCode).toBe(1)
    expect(stdout + stderr).toContain(path.replace('redwood.toml', 'valid TOML'))
    expect(stdout + stderr).not.toMatch(/unexpected went wrong|a secret/)
    expect(app.read()).toEqual(before)
  },
)

it.each([
  ['package.json', { devDependencies: { '@redwoodjs/core': 8 } }],
  ['api/package.json', { dependencies: { '@prisma/adapter-pg': null, pg: 8 } }],
])('versions in %s that are no text are no defect', async (path, manifest) => {
  for (const files of [REDWOOD_8, CEDAR_5]) {
    const { stdout, stderr } = await run(appWith({ [path]: JSON.stringify(manifest) }, files), [...SET_UP, '--dry-run'])
    expect(stdout + stderr).not.toContain('unexpected went wrong')
  }
})

describe('control sequences', () => {
  const ESC = '\u001b'
  const hostile = `${ESC}]8;;https://evil.example/${ESC}\\click${ESC}]8;;${ESC}\\${ESC}[2J${ESC}]0;title\u0007\u009b31m\u202e`
  /** All that a terminal obeys, and what turns the reading direction; line breaks and tabs are text. */
  const OBEYED = /[\p{Cc}\p{Bidi_Control}]/gu

  function obeyed(text: string): string[] {
    return (text.match(OBEYED) ?? []).filter((each) => !/[\n\r\t]/.test(each))
  }

  it('of a repository never reach the terminal', async () => {
    const json = JSON.stringify(hostile)
    const app = appWith({
      'package.json': `{ "name": ${json}, "private": true, "devDependencies": { "@redwoodjs/core": "8.9.0", ${json}: "1" }, "packageManager": "yarn@4.6.0" }\n`,
      'redwood.toml': `[web]\ntitle = ${json}\nincludeEnvironmentVariables = ["DATABASE_URL", ${json}]\n`,
      '.env': `# ${hostile}\nDATABASE_URL=postgresql://${hostile}:pw@h/db\n${hostile}=1\n`,
      [`.env.${hostile.replaceAll('/', '')}`]: 'DATABASE_URL=postgresql://h/db\n',
      'api/db/schema.prisma': `// ${hostile}\n${REDWOOD_8['api/db/schema.prisma']}`,
      'api/src/lib/db.ts': `// ${hostile}\n${REDWOOD_8['api/src/lib/db.ts']}`,
      [`api/src/services/${hostile.replaceAll('/', '')}.ts`]: `import { PrismaClient } from '@prisma/client'\nexport const handler = () => new PrismaClient({ a: \`${hostile}\` })\n`,
    })
    execFileSync('git', ['init', '--quiet'], { cwd: app.root })
    for (const args of sampled(EVERY_COMMAND, 3)) {
      const { stdout, stderr } = await run(app, args)
      expect(obeyed(stdout + stderr), args.join(' ')).toEqual([])
    }
  })

  const states = pairs(EVERY_COMMAND, ['applying', 'applied', 'undoing'])
  it.each(states)('of a journal never reach the terminal: %j while it is %s', async (args, state) => {
    const entry = '.redwood/pooling/history/000001-20260101T000000Z'
    const path = hostile.replaceAll('/', '')
    const gone = { sha256: '0'.repeat(64), mode: null }
    const manifest: Manifest = {
      version: 1,
      command: hostile,
      files: [{ path, before: null, after: gone }],
      folders: [],
      sideEffects: [{ path, before: null, after: gone }],
      steps: [{ command: hostile, makes: 'packages', done: false, at: hostile }],
      aside: [],
      outside: [hostile],
    }
    if (state === 'undoing') manifest.undoes = hostile
    const app = appWith({ [`${entry}/manifest.json`]: manifestText(manifest) })
    if (state !== 'applied') app.write(`${entry}/unfinished`, '')
    const { stdout, stderr } = await run(app, args)
    expect(obeyed(stdout + stderr)).toEqual([])
  })

  it("of the app's own path never reach the terminal", async () => {
    const app = appWith({})
    const place = `a ${hostile.replaceAll('/', '')}`
    for (const [path, text] of Object.entries(REDWOOD_8)) app.write(`${place}/${path}`, text)
    const commands = [...EVERY_COMMAND, ['neon', '--yes'], ['supabase', '--cwd', `${hostile}`]]
    for (const args of sampled(commands, 3)) {
      const { stdout, stderr } = await cli(args, { cwd: join(app.root, place), env: INPUTS.supabase })
      expect(obeyed(stdout + stderr), args.join(' ')).toEqual([])
    }
  })

  it('of an input never reach the terminal', async () => {
    const app = appWith({})
    for (const url of [
      `postgresql://${hostile}:pw@db.example.com/shop`,
      `postgresql://u:pw@${hostile}/shop`,
      `postgresql://u:pw@pool.example.com/shop?${hostile}=1`,
      `${hostile}`,
    ]) {
      for (const args of [
        ['other', '--yes'],
        ['other', '--yes', '--json', '--verbose'],
        ['other', hostile],
      ]) {
        const env = { POOLING_DATABASE_URL: url, POOLING_DIRECT_URL: url }
        const { stdout, stderr } = await cli(args, { cwd: app.root, env })
        expect(obeyed(stdout + stderr), args.join(' ')).toEqual([])
      }
    }
  })
})

describe('size', () => {
  const MB = runs(0.1, 5)
  const count = runs(500, 10_000)
  const models = Array.from({ length: count }, (_, index) => `model M${index} {\n  id Int @id\n}\n`).join('\n')
  it.each([
    [`a .env of ${MB} MB`, { '.env': `${'# a comment that is fairly long\n'.repeat(32_000 * MB)}DATABASE_URL=a\n` }],
    [`a .env that is one line of ${MB} MB`, { '.env': `A="${'x'.repeat(MB * 1_000_000)}"\n` }],
    [`a schema of ${count} models`, { 'api/db/schema.prisma': `${REDWOOD_8['api/db/schema.prisma']}\n${models}` }],
  ])(
    '%s is set up and put back',
    async (_, files) => {
      const app = appWith(files)
      const before = app.read()
      expect((await run(app, SET_UP)).exitCode).toBe(0)
      expect((await run(app, ['undo', '--yes'])).exitCode).toBe(0)
      expect(app.read()).toEqual(before)
    },
    60_000,
  )
})
