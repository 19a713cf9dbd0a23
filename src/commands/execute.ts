import process from 'node:process'
import type { ArgumentsCamelCase } from 'yargs'
import type { ExitCode } from '../errors.ts'
import type { Clock, Run, Terminal } from '../ports.ts'

/** Everything that a command touches outside of its arguments. */
export interface Io {
  cwd: string
  env: NodeJS.ProcessEnv
  terminal: Terminal
  run: Run
  clock: Clock
  /** The spelling that the user typed, such as `yarn rw setup pooling`; shown wherever a command is suggested. */
  invocation: string
}

export type Arguments = ArgumentsCamelCase<Record<string, unknown>>
export type Command = (argv: Arguments, io: Io) => Promise<ExitCode>

/** The spelling of the stand-alone door; the others announce theirs in the environment. */
export const STAND_ALONE = 'npx @redwood-pooling/cli'

/** Loads a command, runs it with the real ports, and turns what it throws into words and an exit code. */
export async function execute(argv: Arguments, load: () => Promise<Command>): Promise<void> {
  const [{ processTerminal }, { run }] = await Promise.all([import('../terminal.ts'), import('../run.ts')])
  const io: Io = {
    cwd: process.cwd(),
    env: process.env,
    terminal: processTerminal(),
    run,
    clock: Date.now,
    invocation: process.env.REDWOOD_POOLING_INVOCATION ?? STAND_ALONE,
  }
  try {
    const command = await load()
    process.exitCode = await command(argv, io)
  } catch (error) {
    const { report } = await import('./report.ts')
    process.exitCode = report(error, argv, io)
  }
}
