import { accessSync, constants, statSync } from 'node:fs'
import { posix, win32 } from 'node:path'

/** The file that a program's name stands for, or `null` where there is none. Runs nothing. */
export type Locate = (program: string) => string | null

interface Machine {
  platform: NodeJS.Platform
  isExecutable: (path: string) => boolean
}

const MACHINE: Machine = { platform: process.platform, isExecutable }

/**
 * Looks programs up on the PATH of an environment. Relative entries do not count, and neither does the current folder,
 * which Windows would look into first: a repository could bring its own program.
 */
export function locateOn(
  env: Readonly<Record<string, string | undefined>>,
  { platform, isExecutable }: Machine = MACHINE,
): Locate {
  const isWindows = platform === 'win32'
  const { isAbsolute, join, delimiter } = isWindows ? win32 : posix
  const value = (name: string) =>
    isWindows ? Object.entries(env).find(([key]) => key.toUpperCase() === name)?.[1] : env[name]
  const folders = (value('PATH') ?? '').split(delimiter).filter((folder) => isAbsolute(folder))
  const endings = isWindows ? (value('PATHEXT') ?? '.EXE;.CMD;.BAT').split(';').filter(Boolean) : ['']
  return (program) => {
    const candidates = folders.flatMap((folder) => endings.map((ending) => join(folder, program + ending)))
    return candidates.find(isExecutable) ?? null
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
