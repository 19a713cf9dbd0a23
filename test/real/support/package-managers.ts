import { chmod, mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { type NodeMajor, nodeBin } from './nodes.ts'
import { cleanEnv, type Env, must, run } from './process.ts'
import { cached, npmRegistry, unpackFromNpm, workDir } from './work.ts'

const corepackVersion = '0.34.6'

const shim = (script: string) => `#!/bin/sh\nexec node "${script}" "$@"\n`

/** A directory with `yarn` and `pnpm`: corepack, which fetches the very version that an app names. */
async function corepackShims(): Promise<string> {
  return cached(`corepack/${corepackVersion}`, async (into) => {
    await unpackFromNpm(`corepack@${corepackVersion}`, into)
    // The build moves to its final name afterwards.
    const final = into.replace(/\.partial$/, '')
    for (const name of ['yarn', 'pnpm', 'corepack']) {
      const file = path.join(into, name)
      await writeFile(file, shim(path.join(final, `dist/${name}.js`)))
      await chmod(file, 0o755)
    }
  })
}

/** Where Yarn keeps its downloaded packages for all apps. */
export const yarnGlobalFolder = path.join(workDir, 'yarn')

/** npm's cache for everything the apps run, apart from the developer's own. */
export const npmCache = path.join(workDir, 'npm')

/**
 * The environment in which an app's commands run: one Node major, Yarn and npm pointed at the configured
 * registry with caches below `test/.work`, telemetry off, and no install scripts, which would download or compile.
 */
export async function appEnv(major: NodeMajor): Promise<Env> {
  const [shims, node, registry] = await Promise.all([corepackShims(), nodeBin(major), npmRegistry()])
  await mkdir(yarnGlobalFolder, { recursive: true })
  return {
    PATH: [shims, node, cleanEnv().PATH].join(':'),
    COREPACK_HOME: path.join(workDir, 'corepack/home'),
    COREPACK_NPM_REGISTRY: registry,
    COREPACK_ENABLE_DOWNLOAD_PROMPT: '0',
    YARN_NPM_REGISTRY_SERVER: registry,
    YARN_GLOBAL_FOLDER: yarnGlobalFolder,
    YARN_ENABLE_TELEMETRY: '0',
    YARN_ENABLE_SCRIPTS: 'false',
    // Yarn turns this on for itself on a continuous integration machine.
    YARN_ENABLE_IMMUTABLE_INSTALLS: 'false',
    npm_config_registry: registry,
    npm_config_cache: npmCache,
    npm_config_ignore_scripts: 'true',
    npm_config_update_notifier: 'false',
    REDWOOD_DISABLE_TELEMETRY: '1',
    CEDAR_DISABLE_TELEMETRY: '1',
    CHECKPOINT_DISABLE: '1',
    DO_NOT_TRACK: '1',
  }
}

/** Installs what the lockfile says. What was fetched before a broken connection is not fetched again. */
export async function yarnInstall(root: string, env: Env): Promise<void> {
  const install = ['install', '--immutable']
  const first = await run('yarn', install, { cwd: root, env })
  if (first.code !== 0) await must('yarn', install, { cwd: root, env })
}
