import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { REDWOOD_8, type TestApp, testApp } from '../support/apps.ts'
import { type Built, buildProgram } from '../support/built.ts'
import { cli } from '../support/cli.ts'
import { INPUTS } from '../support/inputs.ts'

let app: TestApp
beforeEach(() => {
  app = testApp(REDWOOD_8)
})
afterEach(() => app.dispose())

const LOCKS = '.redwood/pooling'

function claims(): string[] {
  const folder = join(app.root, LOCKS)
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith('lock-')) : []
}

describe('two runs of the program as it is published', () => {
  let built: Built
  let tools: string
  beforeAll(() => {
    built = buildProgram()
    tools = mkdtempSync(join(tmpdir(), 'slow-'))
    mkdirSync(join(tools, 'bin'))
    // Says that it runs, and ends when it is let go.
    const slow = `#!/bin/sh\ntouch '${tools}/runs'\nwhile [ ! -e '${tools}/go' ]; do sleep 0.05; done\n`
    writeFileSync(join(tools, 'bin/yarn'), slow)
    chmodSync(join(tools, 'bin/yarn'), 0o755)
  }, 60_000)
  afterAll(() => {
    built.dispose()
    rmSync(tools, { recursive: true, force: true })
  })

  const start = (...args: string[]): ChildProcess =>
    spawn(process.execPath, [built.bin, ...args], {
      cwd: app.root,
      env: { ...INPUTS.neon, PATH: `${join(tools, 'bin')}:${process.env.PATH}`, HOME: tools },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  const ended = async (child: ChildProcess) => {
    const code = new Promise<number | null>((settle) => child.once('close', settle))
    const [stdout, stderr] = await Promise.all([text(child.stdout!), text(child.stderr!)])
    return { exitCode: await code, stdout, stderr }
  }

  it('the second says who is at work, changes nothing, and can do its work afterwards', async () => {
    const first = start('neon', '--yes', '--no-verify')
    const firstEnded = ended(first)
    while (!existsSync(join(tools, 'runs'))) await sleep(20)
    const between = app.read()
    const whoIsAtWork = `Another run is at work in this app: \`pooling neon\`, process ${first.pid} on ${hostname()}, since `
    const second = await ended(start('neon', '--yes', '--connection-limit', '3', '--json'))
    expect(JSON.parse(second.stdout)).toMatchObject({ status: 'failed' })
    const here = { cwd: app.root, env: INPUTS.neon }
    const others = [
      second,
      await cli(['neon', '--yes', '--connection-limit', '3'], here),
      await cli(['undo', '--yes'], here),
      await cli(['register', '--yes'], here),
    ]
    for (const { exitCode, stderr } of others) {
      expect(exitCode).toBe(1)
      expect(stderr.replaceAll(/\s+/g, ' ')).toContain(whoIsAtWork)
    }
    expect(app.read()).toEqual(between)
    expect(claims()).toHaveLength(1)
    writeFileSync(join(tools, 'go'), '')
    expect((await firstEnded).exitCode).toBe(0)
    expect(claims()).toEqual([])
    expect((await cli(['undo', '--yes'], here)).exitCode).toBe(0)
    expect(app.text('.env')).toBe(REDWOOD_8['.env'])
  }, 60_000)
})

describe('a lock that was left behind', () => {
  const leave = (pid: number, claim: object = {}) => {
    app.write(
      `${LOCKS}/lock-${pid}-0a.json`,
      `${JSON.stringify({ pid, host: hostname(), startedAt: '2026-01-01T00:00:00Z', command: 'pooling aws', ...claim })}\n`,
    )
  }
  const run = (...args: string[]) =>
    cli(['neon', '--yes', '--no-install', '--no-verify', ...args], { cwd: app.root, env: INPUTS.neon })

  it('by a process that is gone is cleared', async () => {
    leave(spawnSync('true').pid)
    expect((await run()).exitCode).toBe(0)
    expect(claims()).toEqual([])
  })

  it('by a process whose number is another one now is cleared', async () => {
    leave(process.ppid, { start: 'long ago' })
    expect((await run()).exitCode).toBe(0)
    expect(claims()).toEqual([])
  })

  it('by a process that died over writing it is cleared', async () => {
    app.write(`${LOCKS}/lock-${spawnSync('true').pid}-0a.json`, '{"pid":')
    expect((await run()).exitCode).toBe(0)
    expect(claims()).toEqual([])
  })

  it('on another machine is not, and the file to delete is named', async () => {
    leave(4711, { host: 'elsewhere' })
    const before = app.read()
    const { exitCode, stderr } = await run()
    expect(exitCode).toBe(1)
    expect(stderr.replaceAll(/\s+/g, ' ')).toMatch(
      /`pooling aws`, process 4711 on elsewhere, since 2026-01-01.* delete \.redwood\/pooling\/lock-4711-0a\.json/,
    )
    expect(app.read()).toEqual(before)
    app.remove(`${LOCKS}/lock-4711-0a.json`)
    expect((await run()).exitCode).toBe(0)
  })
})
