import type { Framework, PackageManager } from './app.ts'

type Argv = [string, ...string[]]

export interface Tooling {
  framework: Framework
  packageManager: PackageManager
}

/** `prisma …` through the framework's own CLI, which finds the schema and loads the env files. */
export function prismaCommand(app: Tooling, ...args: string[]): Argv {
  return frameworkCommand(app, 'prisma', ...args)
}

export function frameworkCommand({ framework, packageManager }: Tooling, ...args: string[]): Argv {
  return [...runner(packageManager), framework === 'redwood' ? 'rw' : 'cedar', ...args]
}

export function installCommand({ packageManager }: Tooling): Argv {
  return [packageManager, 'install']
}

/** How a user runs a program that the app has installed: `yarn x`, `npx x`, `pnpm exec x`. */
function runner(packageManager: PackageManager): Argv {
  if (packageManager === 'yarn') return ['yarn']
  return packageManager === 'pnpm' ? ['pnpm', 'exec'] : ['npx']
}
