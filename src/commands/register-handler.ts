import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { withFiles } from '../app/snapshot.ts'
import { readTemplate } from '../base/template.ts'
import { upwards } from '../base/upwards.ts'
import type { Plan } from '../plan/types.ts'
import { planRegister, REGISTER_FILES } from '../register/plan.ts'
import { PLUGIN_PATH } from '../register/plugin.ts'
import { applyPlan } from './apply-plan.ts'
import type { Command } from './io.ts'
import { ENDINGS, openOutput } from './output.ts'
import { gitOf, openSession, type Session } from './session.ts'

/** `pooling register [--remove]`: makes `yarn rw setup pooling` a command of the app, or takes it out again. */
export const run: Command = async (argv, io) => {
  const session = await openSession(argv, io)
  const remove = argv.remove === true
  const plan = await planOf(session, remove)
  const output = openOutput(session, { command: 'register', inverse: remove ? undefined : 'register --remove' })
  if (plan.files.length === 0 && plan.refusals.length === 0) {
    output.say(remove ? "Nothing to do: it isn't in this app." : 'Nothing to do: the command is there already.')
    for (const line of plan.next) output.say(line)
    return output.finish(plan, ENDINGS.unchanged)
  }
  // Half a registration is worse than none: a plugin that .yarnrc.yml does not name, or one that it names in vain.
  const ended = await output.offer(plan, 'Apply this plan?', async () => plan.refusals.length === 0)
  const command = remove ? 'register --remove' : 'register'
  return output.finish(plan, ended ?? (await applyPlan(plan, { command, byHand: true }, session, output)))
}

async function planOf(session: Session, remove: boolean): Promise<Plan> {
  const { argv, root, app, io } = session
  const git = await gitOf(session, [PLUGIN_PATH])
  return planRegister({
    files: withFiles(app.snapshot, REGISTER_FILES).files,
    app,
    pluginIsIgnored: git.ignored.has(PLUGIN_PATH) && !git.tracked.has(PLUGIN_PATH),
    yarnRootIsAppRoot: !isInsideYarnProject(root),
    ownVersion: io.version,
    pluginSource: readTemplate('yarn-plugin-setup-pooling.cjs'),
    install: argv.install !== false,
    remove,
  })
}

/** A lockfile above an app that has none of its own: the app is a workspace of that project. */
function isInsideYarnProject(root: string): boolean {
  const project = upwards(root).find((folder) => existsSync(join(folder, 'yarn.lock')))
  return project !== undefined && project !== root
}
