import { editPackageJson } from '../../codemods/manifests/package-json.ts'
import { readToml } from '../../codemods/manifests/toml.ts'
import { addYarnPlugin, NEW_YARNRC, removeYarnPlugin } from '../../codemods/manifests/yarnrc.ts'
import type { App } from '../app/app.ts'
import { frameworkCommand, installCommand } from '../app/commands.ts'
import { spell } from '../base/shell.ts'
import { PlanDraft } from '../plan/draft.ts'
import { emptyPlan, type FileRefusal, type Plan } from '../plan/types.ts'
import { isOurPlugin, isSamePlugin, PLUGIN_PATH } from './plugin.ts'

export const PACKAGE = '@redwood-pooling/cli'

/** What the plan is made from, besides what an app's snapshot holds anyway. */
export const REGISTER_FILES = [PLUGIN_PATH, 'yarn.lock'] as const

export interface RegisterInput {
  /** Paths relative to the app's root → text: the snapshot's files and `REGISTER_FILES`. */
  files: ReadonlyMap<string, string>
  app: Pick<App, 'framework' | 'packageManager'>
  /** Whether git ignores `PLUGIN_PATH`. */
  pluginIsIgnored: boolean
  /** Whether the app is a separate Yarn project, not a workspace of one above it. */
  yarnRootIsAppRoot: boolean
  /** This program's own version. */
  ownVersion: string
  /** The text of the Yarn plugin. */
  pluginSource: string
  /** Whether packages are installed afterwards. */
  install: boolean
  /** Take everything out again: the package goes, so its listing goes with it, no matter who wrote that. */
  remove: boolean
}

/** Plans that `yarn rw setup pooling` becomes a command of the app, or that nothing of it is left. */
export async function planRegister(input: RegisterInput): Promise<Plan> {
  const { files, app, remove } = input
  const obstacle = remove ? null : obstacleTo(input)
  if (obstacle) return { ...emptyPlan(), refusals: [obstacle] }
  const draft = new PlanDraft({ files })
  const packages: Plan['packages'] = { add: [], remove: [] }
  if (remove) await planRemoval(draft, packages, input)
  else await planAddition(draft, packages, input)
  const { add, remove: gone } = packages
  draft.edit('package.json', (text) => editPackageJson(text, { add, remove: gone.map(({ name }) => name) }))
  const changes = draft.changesFrom(files)
  const install = changes.some(({ path }) => path === 'package.json') ? [installCommand(app)] : []
  return {
    ...emptyPlan(),
    // While .yarnrc.yml names the plugin, no Yarn command works without its file: the first by name, and the last to go.
    files: changes
      .map((change) => (change.path === PLUGIN_PATH ? { ...change, generated: true } : change))
      .sort((a, b) => Number(isPluginGone(a)) - Number(isPluginGone(b))),
    packages,
    commands: input.install ? install.map((argv) => ({ argv, step: 'install', title: 'Installing packages' })) : [],
    refusals: draft.refusals,
    next: [
      ...(input.install ? [] : install.map((argv) => `Run \`${spell(argv)}\` first.`)),
      ...(remove ? leftBehind(input) : nextSteps(changes, app)),
    ],
  }
}

function isPluginGone({ path, after }: Plan['files'][number]): boolean {
  return path === PLUGIN_PATH && after === null
}

async function planAddition(draft: PlanDraft, { add }: Plan['packages'], input: RegisterInput): Promise<void> {
  const { files, pluginSource, ownVersion } = input
  if (!isSamePlugin(files.get(PLUGIN_PATH) ?? '', pluginSource)) draft.write(PLUGIN_PATH, pluginSource)
  if (!files.has(YARNRC)) draft.write(YARNRC, NEW_YARNRC)
  const named = await addYarnPlugin(draft.text(YARNRC)!, PLUGIN_PATH)
  draft.edit(YARNRC, () => named)
  if (!isDeclared(files)) add.push({ workspace: 'root', name: PACKAGE, range: `^${ownVersion}`, dev: true })
}

async function planRemoval(draft: PlanDraft, { remove }: Plan['packages'], { files }: RegisterInput): Promise<void> {
  const rc = files.get(YARNRC) ?? NEW_YARNRC
  const unnamed = await removeYarnPlugin(rc, PLUGIN_PATH)
  draft.edit(YARNRC, () => unnamed)
  if (rc !== NEW_YARNRC && draft.text(YARNRC) === NEW_YARNRC) draft.remove(YARNRC)
  const plugin = files.get(PLUGIN_PATH)
  if (plugin !== undefined && draft.refusals.length === 0) {
    if (isOurPlugin(plugin)) draft.remove(PLUGIN_PATH)
    else draft.refusals.push(stranger('Delete it by hand if nothing needs it.'))
  }
  if (isDeclared(files)) remove.push({ workspace: 'root', name: PACKAGE, range: '*', dev: true })
}

/** What is left to do about mentions of the package that are not register's own. */
function leftBehind({ files, yarnRootIsAppRoot }: RegisterInput): string[] {
  const toml = tomlPath(files)
  const listed = readToml(files.get(toml) ?? '')
  const isListed = 'plugins' in listed && listed.plugins.includes(PACKAGE)
  const listing = `Take its \`[[experimental.cli.plugins]]\` out of ${toml}: it names a package that is gone.`
  const above = `Take ${PLUGIN_PATH}, its line in .yarnrc.yml and ${PACKAGE} out of the Yarn project above this app.`
  return [...(isListed ? [listing] : []), ...(yarnRootIsAppRoot ? [] : [above])]
}

const YARNRC = '.yarnrc.yml'

/** Why the command cannot be added to this app, with what to do instead. */
function obstacleTo(input: RegisterInput): FileRefusal | null {
  const { files, app, yarnRootIsAppRoot, pluginIsIgnored } = input
  if (app.packageManager !== 'yarn') {
    const reason = `Only Yarn can be given new commands; this app uses ${app.packageManager}. This works already:`
    return { path: 'package.json', reason, snippet: WITHOUT_PLUGIN }
  }
  if (!yarnRootIsAppRoot) {
    const reason = 'The app is a workspace of a Yarn project above it, which is not changed from here. In its root:'
    return { path: '.yarnrc.yml', reason, snippet: monorepoSteps() }
  }
  if (!takesPlugins(files)) {
    const reason = "Plugins need Yarn 3 or later, and nothing shows that it's what this app uses. This works already:"
    return { path: 'package.json', reason, snippet: WITHOUT_PLUGIN }
  }
  if (pluginIsIgnored) {
    const reason = `Git ignores ${PLUGIN_PATH}, and without that file no Yarn command works in a fresh clone. Keep it:`
    return { path: '.gitignore', reason, snippet: '.yarn/*\n!.yarn/plugins' }
  }
  const plugin = files.get(PLUGIN_PATH)
  return plugin === undefined || isOurPlugin(plugin) ? null : stranger('Move it out of the way.')
}

const WITHOUT_PLUGIN = `npx ${PACKAGE} [provider]`

/** Yarn 3 and 4 do. Whichever Yarn is started, it hands over to the one that `yarnPath` or package.json names. */
function takesPlugins(files: ReadonlyMap<string, string>): boolean {
  const named = /^yarnPath:.*yarn-(\d)/m.exec(files.get(YARNRC) ?? '') ?? DECLARED.exec(files.get('package.json') ?? '')
  return named ? Number(named[1]) >= 3 : files.has(YARNRC) || /^__metadata:/m.test(files.get('yarn.lock') ?? '')
}

const DECLARED = /"packageManager"\s*:\s*"yarn@(\d)/

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

function nextSteps(changes: Plan['files'], app: RegisterInput['app']): string[] {
  const command = `Run it, from the root or from api/: ${spell(frameworkCommand(app, 'setup', 'pooling'))}`
  const changed = changes.map(({ path }) => path)
  if (changed.includes('package.json')) changed.push('yarn.lock')
  if (changed.length === 0) return [command]
  return [command, `Commit ${changed.join(', ')} together, so that the whole team has it.`]
}

function tomlPath(files: ReadonlyMap<string, string>): string {
  return files.has('cedar.toml') ? 'cedar.toml' : 'redwood.toml'
}

function isDeclared(files: ReadonlyMap<string, string>): boolean {
  return /"@redwood-pooling\/cli"\s*:/.test(files.get('package.json') ?? '')
}
