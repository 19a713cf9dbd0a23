import type { App, PackageManager } from './app.ts'

type Argv = [string, ...string[]]
type Tooling = Pick<App, 'framework' | 'packageManager'>

/** `prisma …` through the framework's own CLI, which finds the schema and loads the env files. */
export function prismaCommand(app: Tooling, ...args: string[]): Argv {
  return frameworkCommand(app, 'prisma', ...args)
}

export function frameworkCommand({ framework, packageManager }: Tooling, ...args: string[]): Argv {
  return [...RUNNERS[packageManager], framework === 'redwood' ? 'rw' : 'cedar', ...args]
}

export function installCommand({ packageManager }: Tooling): Argv {
  return [packageManager, 'install']
}

/** How a user runs a program that the app has installed. */
const RUNNERS: Record<PackageManager, Argv> = { yarn: ['yarn'], npm: ['npx'], pnpm: ['pnpm', 'exec'] }
