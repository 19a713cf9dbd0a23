import { EventEmitter } from 'node:events'
import { PassThrough } from 'node:stream'
import { beforeEach, expect, it, vi } from 'vitest'
import { type ApplyOptions, writeAndRun } from '../../src/apply/tasks.ts'
import { undo } from '../../src/apply/undo.ts'
import { interruptible } from '../../src/base/interrupt.ts'
import type { Run, RunResult, Terminal } from '../../src/base/ports.ts'
import { unfinishedCommands } from '../../src/journal/earlier-runs.ts'
import type { PlannedCommand } from '../../src/plan/types.ts'
import { edit, makeTree, portsFor, readTree } from './helpers.ts'
import { MemoryFileSystem } from './memory-file-system.ts'

const ROOT = '/app'
const install: PlannedCommand = { argv: ['yarn', 'install'], step: 'install', title: 'Install packages' }
const generate: PlannedCommand = {
  argv: ['yarn', 'rw', 'prisma', 'generate'],
  step: 'generate',
  title: 'Generate the client',
}
const verify: PlannedCommand = { argv: ['rw-pooling', 'doctor'], step: 'verify', title: 'Verify' }
const files = [{ path: 'api/package.json', before: '{}\n', after: '{"a":1}\n' }]
const meta = { command: 'pooling neon' }
const mask = (text: string) => text.replaceAll('hunter2', '***')
const explain = () => ''
const snapshot = { root: ROOT, files: new Map(), modes: new Map(), above: new Map(), rootEntries: new Set<string>() }
const left = () => unfinishedCommands({ snapshot }, portsFor(ROOT, { fs: disk }))

let disk: MemoryFileSystem
let screen: string
let ran: string[]

beforeEach(async () => {
  disk = new MemoryFileSystem()
  await makeTree(ROOT, { 'api/package.json': '{}\n', 'yarn.lock': 'old\n' }, disk)
  screen = ''
  ran = []
})

/** A runner whose children end as told; what is not told succeeds. */
function children(results: Record<string, Partial<RunResult> & { does?: () => Promise<void> | void }>): Run {
  return async (argv, { onLine }) => {
    const name = argv.join(' ')
    ran.push(name)
    const { does, ...result } = results[name] ?? {}
    await does?.()
    const whole = { exitCode: 0, stdout: '', stderr: '', ...result }
    for (const line of whole.stdout.split('\n')) onLine?.(line)
    return whole
  }
}

function options(run: Run, overrides: Partial<ApplyOptions> = {}): ApplyOptions {
  const stderr = new PassThrough()
  stderr.on('data', (chunk) => {
    screen += chunk
  })
  return {
    ports: portsFor(ROOT, { fs: disk }),
    meta,
    carryOut: ({ argv }, given) => run(argv, { cwd: ROOT, env: {}, ...given }),
    mask,
    terminal: { stderr: stderr as unknown as NodeJS.WriteStream, color: false },
    ...overrides,
  }
}

const text = async (path: string) => Buffer.from(await disk.readFile(`${ROOT}/${path}`)).toString()

it('writes the files, runs the commands, and draws a line for each event away from a terminal', async () => {
  const applied = await writeAndRun({ files, commands: [install, generate, verify] }, options(children({})))
  expect(applied).toMatchObject({ exitCode: 0 })
  expect(applied.steps.map(({ status }) => status)).toEqual(['done', 'done', 'done'])
  expect(ran).toEqual(['yarn install', 'yarn rw prisma generate', 'rw-pooling doctor'])
  expect(await text('api/package.json')).toBe('{"a":1}\n')
  expect(screen.split('\n')).toEqual([
    '❯ Writing 1 file',
    '✔ Writing 1 file',
    '❯ Install packages',
    '✔ Install packages',
    '❯ Generate the client',
    '✔ Generate the client',
    '❯ Verify',
    '✔ Verify',
    '',
  ])
})

it('a failing install keeps the files, tries generate, and says why, without secrets or escapes', async () => {
  const run = children({
    'yarn install': {
      exitCode: 1,
      stdout: 'fetching\n',
      stderr: 'password hunter2\n\u001b]0;title\u0007offline\n',
    },
  })
  const applied = await writeAndRun({ files, commands: [install, generate, verify] }, options(run))
  expect(applied).toMatchObject({ exitCode: 4 })
  expect(applied.steps.map(({ status, spelled }) => `${status}: ${spelled}`)).toEqual([
    'failed: yarn install',
    'done: yarn rw prisma generate',
    'planned: rw-pooling doctor',
  ])
  expect(await text('api/package.json')).toBe('{"a":1}\n')
  expect(screen).toContain(
    'yarn install\n  It ended with exit code 1. Its last lines:\n  fetching\n  password ***\n  offline\n',
  )
  expect(screen).not.toContain('\u001b')
})

it('a program that is not installed is named', async () => {
  const run = children({ 'yarn install': { exitCode: -1, stderr: 'Command failed with ENOENT\nspawn yarn ENOENT' } })
  await writeAndRun({ files, commands: [install] }, options(run))
  expect(screen).toContain('yarn install\n  yarn was not found. Install it, or put it on the PATH.\n')
})

it('files that cannot be written run no command and leave the app as it is', async () => {
  await edit(`${ROOT}/api/package.json`, '{"mine":1}\n', disk)
  const attempt = writeAndRun({ files, commands: [install] }, options(children({})))
  await expect(attempt).rejects.toMatchObject({ code: 'changed-since-plan', exitCode: 1 })
  expect(ran).toEqual([])
  expect(Object.keys(await readTree(ROOT, { fs: disk, skip: '' }))).toEqual(['api', 'api/package.json', 'yarn.lock'])
})

it('Ctrl-C during a command stops it, starts no other, and leaves the files', async () => {
  const controller = new AbortController()
  const run = children({ 'yarn install': { exitCode: -1, does: () => controller.abort() } })
  const base = options(run)
  const applied = await writeAndRun(
    { files, commands: [install, generate] },
    { ...base, ports: { ...base.ports, signal: controller.signal } },
  )
  expect(applied).toMatchObject({
    exitCode: 4,
    steps: [{ status: 'failed', detail: 'Interrupted.' }, { status: 'planned' }],
  })
  expect(ran).toEqual(['yarn install'])
  expect([...(await left())]).toEqual(['yarn install', 'yarn rw prisma generate'])
})

it('Ctrl-C before the files is exit 130 with nothing changed', async () => {
  const base = options(children({}))
  const attempt = writeAndRun(
    { files, commands: [install] },
    { ...base, ports: { ...base.ports, signal: AbortSignal.abort() } },
  )
  await expect(attempt).rejects.toMatchObject({ exitCode: 130 })
  expect(await text('api/package.json')).toBe('{}\n')
})

it('undo restores the lockfile that the install changed', async () => {
  const run = children({ 'yarn install': { does: () => edit(`${ROOT}/yarn.lock`, 'new\n', disk) } })
  await writeAndRun({ files, commands: [install] }, options(run))
  expect(await text('yarn.lock')).toBe('new\n')
  const undone = await undo(portsFor(ROOT, { fs: disk }), { explain })
  expect(undone).toMatchObject({ left: [], reinstall: true })
  expect(await text('yarn.lock')).toBe('old\n')
})

it('undo leaves a lockfile that was changed again', async () => {
  const run = children({ 'yarn install': { does: () => edit(`${ROOT}/yarn.lock`, 'new\n', disk) } })
  await writeAndRun({ files, commands: [install] }, options(run))
  await edit(`${ROOT}/yarn.lock`, 'newer\n', disk)
  const undone = await undo(portsFor(ROOT, { fs: disk }), { explain })
  expect(undone?.left).toEqual(['yarn.lock'])
  expect(await text('yarn.lock')).toBe('newer\n')
})

it('an install that is repeated without a change of files still counts for the step before it', async () => {
  const failing = children({
    'yarn install': { exitCode: 1, does: () => edit(`${ROOT}/yarn.lock`, 'half\n', disk) },
  })
  await writeAndRun({ files, commands: [install] }, options(failing))
  const run = children({ 'yarn install': { does: () => edit(`${ROOT}/yarn.lock`, 'new\n', disk) } })
  const again = await writeAndRun({ files: [], commands: [install] }, options(run))
  expect(again).toMatchObject({ exitCode: 0 })
  expect([...(await left())]).toEqual([])
  await undo(portsFor(ROOT, { fs: disk }), { explain })
  expect(await text('yarn.lock')).toBe('old\n')
})

it('everything is drawn on request, and redrawn in place on a terminal', async () => {
  const run = children({ 'yarn install': { stdout: 'one hunter2\ntwo\n' } })
  await writeAndRun({ files, commands: [install] }, options(run, { verbose: true }))
  expect(screen).toContain('one ***')
  expect(screen).toContain('two')

  screen = ''
  await undo(portsFor(ROOT, { fs: disk }), { explain })
  const base = options(run)
  Object.assign(base.terminal.stderr, { isTTY: true, columns: 60, rows: 20 })
  await writeAndRun({ files, commands: [install] }, base)
  expect(screen).toContain('\u001b[?25l')
  expect(screen).toContain('✔ Install packages')
  expect(screen).not.toMatch(/\u001b\[\d+m/)
  expect(screen).not.toContain('hunter2')
})

it('the first Ctrl-C aborts, what repeats it at once changes nothing, and a later one is for the system', async () => {
  const signals = new EventEmitter()
  const { terminal } = options(children({}))
  const whole = { ...terminal, stdin: process.stdin, stdout: process.stdout, interactive: true }
  vi.useFakeTimers()
  try {
    await interruptible({ signals, terminal: whole as Terminal }, async ({ terminal: { signal } }) => {
      expect(signal?.aborted).toBe(false)
      signals.emit('SIGINT')
      expect(signal?.aborted).toBe(true)
      expect(signals.emit('SIGTERM')).toBe(true)
      vi.advanceTimersByTime(1_000)
      expect(signals.emit('SIGINT')).toBe(false)
    })
  } finally {
    vi.useRealTimers()
  }
})
