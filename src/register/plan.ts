import { readToml } from '../../codemods/manifests/toml.ts'
import { addYarnPlugin, NEW_YARNRC, removeYarnPlugin } from '../../codemods/manifests/yarnrc.ts'
import { applyEdits, type CodemodResult, isRefusal } from '../../codemods/text/edit.ts'
import type { App, PackageManager } from '../app/app.ts'
import { frameworkCommand } from '../app/commands.ts'
import { spell } from '../base/shell.ts'
import { emptyPlan, type FileRefusal, type Plan } from '../plan/types.ts'
import { isOurPlugin, isSamePlugin, PLUGIN_PATH } from './plugin.ts'
import { OLDEST_WITH_PLUGIN_API, yarnMajor } from './yarn-version.ts'

export const PACKAGE = '@redwood-pooling/cli'

/** What the plan is made from, besides what an app's snapshot holds anyway. */
export const REGISTER_FILES = [PLUGIN_PATH, 'yarn.lock'] as const

export interface RegisterInput {
  /** Paths relative to the app's root → text: the snapshot's files and `REGISTER_FILES`. */
  files: ReadonlyMap<string, string>
  app: Pick<App, 'framework' | 'packageManager'>
  /** Whether git ignores `PLUGIN_PATH`. */
  pluginIsIgnored: boolean
  /** Whether the app is a Yarn project of its own, and not a workspace of one above it. */
  yarnRootIsAppRoot: boolean
  /** This program's own version. */
  ownVersion: string
  /** The text of the Yarn plugin. */
  pluginSource: string
  /** Take everything out again: the package goes, so its listing goes with it, no matter who wrote that. */
  remove: boolean
}

/**
 * Plans that `yarn rw setup pooling` becomes a command of the app, or that nothing of it is left, in an order in which
 * every Yarn command works after each file.
 */
export function planRegister(input: RegisterInput): Promise<Plan> {
  return input.remove ? planRemoval(input) : planAddition(input)
}

async function planAddition(input: RegisterInput): Promise<Plan> {
  const { files, pluginSource } = input
  const obstacle = obstacleTo(input)
  if (obstacle) return { ...emptyPlan(), refusals: [obstacle] }
  const plan = emptyPlan()
  const existing = files.get(PLUGIN_PATH) ?? null
  if (existing === null || !isSamePlugin(existing, pluginSource)) {
    plan.files.push({ path: PLUGIN_PATH, before: existing, after: pluginSource, generated: true })
  }
  const rc = files.get('.yarnrc.yml') ?? null
  stage(plan, '.yarnrc.yml', rc, rc ?? NEW_YARNRC, await addYarnPlugin(rc ?? NEW_YARNRC, PLUGIN_PATH))
  if (!isDeclared(files)) {
    plan.packages.add.push({ workspace: 'root', name: PACKAGE, range: `^${input.ownVersion}`, dev: true })
  }
  plan.next = nextSteps(plan, input.app)
  return plan
}

async function planRemoval({ files, yarnRootIsAppRoot }: RegisterInput): Promise<Plan> {
  const plan = emptyPlan()
  const rc = files.get('.yarnrc.yml')
  if (rc !== undefined) stage(plan, '.yarnrc.yml', rc, rc, await removeYarnPlugin(rc, PLUGIN_PATH))
  const plugin = files.get(PLUGIN_PATH)
  // While .yarnrc.yml still names the plugin, no Yarn command works without its file.
  if (plugin !== undefined && plan.refusals.length === 0) {
    if (isOurPlugin(plugin)) plan.files.push({ path: PLUGIN_PATH, before: plugin, after: null, generated: true })
    else plan.refusals.push(stranger('Delete it by hand if nothing needs it.'))
  }
  const toml = tomlPath(files)
  const listed = readToml(files.get(toml) ?? '')
  if ('plugins' in listed && listed.plugins.includes(PACKAGE)) {
    plan.next.push(`Take its \`[[experimental.cli.plugins]]\` out of ${toml}: it names a package that is gone.`)
  }
  if (isDeclared(files)) plan.packages.remove.push({ workspace: 'root', name: PACKAGE, range: '*', dev: true })
  if (!yarnRootIsAppRoot) {
    plan.next.push(
      `Take ${PLUGIN_PATH}, its line in .yarnrc.yml and ${PACKAGE} out of the Yarn project above this app.`,
    )
  }
  return plan
}

/** Adds what a codemod made of `text` to the plan; `before` is null where the file is new. */
function stage(plan: Plan, path: string, before: string | null, text: string, result: CodemodResult): void {
  if (isRefusal(result)) {
    plan.refusals.push({ path, ...result.refusal })
    return
  }
  if (result.edits.length === 0) return
  const after = applyEdits(text, result.edits)
  plan.files.push({ path, before, after: after === NEW_YARNRC ? null : after })
}

/** Why the command cannot be added to this app, with what to do instead. */
function obstacleTo(input: RegisterInput): FileRefusal | null {
  const { files, app, yarnRootIsAppRoot, pluginIsIgnored } = input
  if (app.packageManager !== 'yarn') {
    const reason = `Only Yarn can be given new commands; this app uses ${app.packageManager}. These work already:`
    return { path: 'package.json', reason, snippet: otherDoors(input) }
  }
  if (!yarnRootIsAppRoot) {
    const reason = 'The app is a workspace of a Yarn project above it, which is not changed from here. In its root:'
    return { path: '.yarnrc.yml', reason, snippet: monorepoSteps() }
  }
  const major = yarnMajor(files)
  if (major === null || major < OLDEST_WITH_PLUGIN_API) {
    const version = major === null ? 'a Yarn of unknown version' : `Yarn ${major}`
    const reason = `Plugins need Yarn ${OLDEST_WITH_PLUGIN_API} or later; this app uses ${version}. These work already:`
    return { path: 'package.json', reason, snippet: otherDoors(input) }
  }
  if (pluginIsIgnored) {
    const reason = `Git ignores ${PLUGIN_PATH}, and without that file no Yarn command works in a fresh clone. Keep it:`
    return { path: '.gitignore', reason, snippet: '.yarn/*\n!.yarn/plugins' }
  }
  const plugin = files.get(PLUGIN_PATH)
  return plugin === undefined || isOurPlugin(plugin) ? null : stranger('Move it out of the way.')
}

/** The ways to run the program that need no Yarn plugin. */
function otherDoors({ files, app }: RegisterInput): string {
  return [
    `npx ${PACKAGE} [provider]`,
    '',
    `# or: ${INSTALLS[app.packageManager]} ${PACKAGE}, and in ${tomlPath(files)}`,
    '[[experimental.cli.plugins]]',
    `  package = "${PACKAGE}"`,
    `# then: ${spell(frameworkCommand(app, '@redwood-pooling', 'setup', 'pooling'))} [provider]`,
  ].join('\n')
}

const INSTALLS: Record<PackageManager, string> = {
  yarn: 'yarn add -D',
  npm: 'npm install -D',
  pnpm: 'pnpm add -D -w',
}

function stranger(snippet: string): FileRefusal {
  return { path: PLUGIN_PATH, reason: 'This file is not the plugin that register writes.', snippet }
}

function monorepoSteps(): string {
  return [
    `yarn add -D ${PACKAGE}`,
    `mkdir -p ${PLUGIN_PATH.slice(0, PLUGIN_PATH.lastIndexOf('/'))}`,
    `cp node_modules/${PACKAGE}/templates/yarn-plugin-setup-pooling.cjs ${PLUGIN_PATH}`,
    '',
    '# .yarnrc.yml',
    'plugins:',
    `  - path: ${PLUGIN_PATH}`,
  ].join('\n')
}

function nextSteps({ files, packages }: Plan, app: RegisterInput['app']): string[] {
  const command = `Run it, from the root or from api/: ${spell(frameworkCommand(app, 'setup', 'pooling'))}`
  const changed = files.map(({ path }) => path)
  if (packages.add.length > 0) changed.push('package.json', 'yarn.lock')
  if (changed.length === 0) return [command]
  return [command, `Commit ${changed.join(', ')} together, so that the whole team has it.`]
}

function tomlPath(files: ReadonlyMap<string, string>): string {
  return files.has('cedar.toml') ? 'cedar.toml' : 'redwood.toml'
}

function isDeclared(files: ReadonlyMap<string, string>): boolean {
  return /"@redwood-pooling\/cli"\s*:/.test(files.get('package.json') ?? '')
}
