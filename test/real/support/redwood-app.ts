import { cp, rename } from 'node:fs/promises'
import path from 'node:path'
import { type App, cloneApp } from './app.ts'
import { appEnv, yarnInstall } from './package-managers.ts'
import { prismaEngines } from './prisma-engines.ts'
import type { Env } from './process.ts'
import { cached, unpackFromNpm } from './work.ts'

export type Language = 'ts' | 'js'

const version = '8.9.0'

/** The templates that `create-redwood-app` copies: a `ts` and a `js` directory. */
export async function redwoodTemplates(): Promise<string> {
  const dir = await cached(`create-redwood-app/${version}`, (into) =>
    unpackFromNpm(`create-redwood-app@${version}`, into, ['templates']),
  )
  return path.join(dir, 'templates')
}

async function redwoodEnv(): Promise<Env> {
  const [env, engines] = await Promise.all([appEnv(20), prismaEngines()])
  return { ...env, ...engines.cli }
}

/** Does what `create-redwood-app` does after its questions, but for the install. */
async function copyTemplate(language: Language, into: string): Promise<void> {
  await cp(path.join(await redwoodTemplates(), language), into, { recursive: true })
  await rename(path.join(into, 'gitignore.template'), path.join(into, '.gitignore'))
}

const files = (language: Language) =>
  cached(`apps/redwood-${version}-${language}`, (into) => copyTemplate(language, into))

// Both languages have the same packages and lockfile, so one install serves both.
export const redwoodInstall = `apps/redwood-${version}`

async function install(into: string): Promise<void> {
  await cp(await files('ts'), into, { recursive: true })
  // `@prisma/client` puts in place what Redwood's CLI imports before the first `prisma generate`.
  const env = { ...(await redwoodEnv()), YARN_ENABLE_SCRIPTS: 'true' }
  await yarnInstall(into, env)
}

/** Makes the originals that `redwoodApp` copies, unless they are there already. */
export async function prepareRedwoodApps(): Promise<void> {
  await Promise.all([files('ts'), files('js'), cached(redwoodInstall, install)])
}

/**
 * A fresh RedwoodJS 8.9.0 app (Prisma 5.20, SQLite) as `yarn create redwood-app` makes it, installed by its
 * own Yarn, on Node 20.
 */
export async function redwoodApp({ language }: { language: Language }): Promise<App> {
  await prepareRedwoodApps()
  return cloneApp({ installed: redwoodInstall, files: await files(language), env: await redwoodEnv() })
}
