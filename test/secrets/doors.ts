import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { buildProgram } from '../support/built.ts'

// The program as it is published, through the doors that are processes of their own.

/** A command's way in: the arguments that come before those of the command itself. */
export interface Door {
  name: string
  argv: string[]
}

/** What one run left: its streams, what its children were started with, what it told the telemetry. */
export interface Traces {
  exitCode: number | null
  texts: Record<string, string>
}

/**
 * The host's CLI as far as a plugin can tell: strict, with options of its own, and the plugin's commands below the
 * name of its scope.
 */
const HOST = `
import process from 'node:process'
import yargs from 'yargs/yargs'
import { commands } from './dist/index.js'
await yargs(process.argv.slice(2))
  .scriptName('rw')
  .option('cwd', { type: 'string' })
  .option('telemetry', { type: 'boolean' })
  .command({
    command: '@redwood-pooling <command>',
    builder: (nested) => nested.command(commands).demandCommand().strict(),
    handler: () => {},
  })
  .demandCommand()
  .strict()
  .exitProcess(false)
  .parseAsync()
`

/** Repeats what it was given and what it can read, as Prisma's error messages do, and leaves a note of it. */
const CHILD = `#!/bin/sh
log="$(dirname "$0")/../log"
echo "$0 $*" >> "$log/argv"
env >> "$log/env"
cat .env 2> /dev/null
cat .env >&2
exit 1
`

/** Puts the program into `folder`, beside children that fail. */
export function buildDoors(folder: string): Door[] {
  const { bin } = buildProgram(folder)
  writeFileSync(join(folder, 'host.mjs'), HOST)
  for (const name of ['bin', 'log']) mkdirSync(join(folder, name))
  for (const name of ['yarn', 'npx', 'npm', 'corepack']) {
    writeFileSync(join(folder, 'bin', name), CHILD)
    chmodSync(join(folder, 'bin', name), 0o755)
  }
  return [
    { name: "the framework's CLI", argv: [join(folder, 'host.mjs'), '@redwood-pooling', 'setup', 'pooling'] },
    { name: 'npx', argv: [bin] },
  ]
}

/** The framework's helpers, as they are installed in an app: they write down what the telemetry is told. */
export function helpersOf(framework: 'redwood' | 'cedar', folder: string): Record<string, string> {
  const place = `node_modules/@${framework}js/cli-helpers`
  const log = JSON.stringify(join(folder, 'log/telemetry'))
  return {
    [`${place}/package.json`]: JSON.stringify({
      name: place.slice('node_modules/'.length),
      main: 'index.js',
    }),
    [`${place}/index.js`]: `exports.recordTelemetryAttributes = (attributes) =>
  require('node:fs').appendFileSync(${log}, JSON.stringify(attributes) + '\\n')\n`,
  }
}

export async function enter(
  { argv }: Door,
  args: readonly string[],
  { folder, cwd, env }: { folder: string; cwd: string; env: Record<string, string> },
): Promise<Traces> {
  for (const name of ['argv', 'env', 'telemetry']) writeFileSync(join(folder, 'log', name), '')
  const child = spawn(process.execPath, [...argv, ...args], {
    cwd,
    env: { ...env, PATH: `${join(folder, 'bin')}:${process.env.PATH}`, HOME: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const closed = new Promise<number | null>((settle) => child.once('close', settle))
  const [stdout, stderr, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), closed])
  const logged = (name: string) => readFileSync(join(folder, 'log', name), 'utf8')
  return {
    exitCode,
    texts: {
      stdout,
      stderr,
      'argv of a child': logged('argv'),
      'environment of a child': logged('env'),
      'what the telemetry was told': logged('telemetry'),
    },
  }
}
