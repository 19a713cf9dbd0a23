import type { Arguments, Command, Io } from './io.ts'

/** Loads a command, runs it, and turns what it throws into words and an exit code. */
export async function execute(name: string, argv: Arguments, io: Io, load: () => Promise<Command>): Promise<void> {
  try {
    const command = await load()
    io.exit(await command(argv, io))
  } catch (error) {
    const { report } = await import('./report.ts')
    io.exit(report(error, name, argv, io))
  }
}
