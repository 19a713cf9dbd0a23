import { NO_GIT, repositoryOf } from '../app/git.ts'
import { loadApp } from '../app/load.ts'
import type { CommitMeta } from '../apply/commit.ts'
import { runInApp } from '../apply/run-in-app.ts'
import { writeAndRun } from '../apply/tasks.ts'
import type { Created } from '../ask/programs.ts'
import { EXIT } from '../base/errors.ts'
import { interruptible } from '../base/interrupt.ts'
import type { Connect, RunResult } from '../base/ports.ts'
import { spell } from '../base/shell.ts'
import { maskText } from '../connection/mask.ts'
import type { LiveResult } from '../doctor/live.ts'
import type { Plan } from '../plan/types.ts'
import { planMasks } from '../view/mask.ts'
import type { Ending, Output } from './output.ts'
import { inputSecrets } from './report.ts'
import type { Session } from './session.ts'
import { recordTelemetry } from './telemetry.ts'

/** What a plan is carried out for; with what was made at the provider for it. */
type Reason = Pick<CommitMeta, 'command' | 'byHand'> & { created?: readonly Created[] }

/** Carries a plan out: the files all or nothing, then the commands. */
export async function applyPlan(
  plan: Plan,
  { command, byHand = false, created = [] }: Reason,
  session: Session,
  output: Output,
): Promise<Ending> {
  const { argv, io } = session
  // Children know the app's connection strings and those that were given, whether or not the plan writes them.
  const secrets = inputSecrets({ ...io.env, ...session.env })
  const masks = planMasks(plan)
  let proof: LiveResult | undefined
  const applied = await interruptible(io, ({ terminal: { signal } }) =>
    writeAndRun(plan, {
      ports: { ...session.ports, signal },
      meta: { command, aside: plan.aside, byHand, outside: outsideOf(plan, created) },
      carryOut: async (command, options) => {
        if (command.step !== 'prove')
          return runInApp(command, options, plan, { ...session, verify: argv.verify !== false })
        const result = await prove(session, options.signal)
        if (options.signal?.aborted) return STOPPED
        proof = result
        return resultOf(proof)
      },
      mask: (text) => maskText(masks.text(text), secrets),
      terminal: io.terminal,
      verbose: argv.verbose === true,
    }),
  )
  if (!byHand && repositoryOf(session.root) === null) {
    output.say(
      `This is not a git repository; what undo needs, secrets included, is kept in ${session.ports.folder}, readable only by you.`,
    )
  }
  if (io.insideHost) await recordTelemetry(session.root, session.app.framework, `setup ${command}`)
  const { exitCode, steps } = applied
  return { status: 'applied', exitCode, commands: steps.map(({ status }) => status), proof }
}

/** Undo can't reach it. */
function outsideOf({ hostEnv }: Plan, created: readonly Created[]): string[] {
  const variables = hostEnv.map(({ name }) => name).join(', ')
  const made = created.map(({ argv }) => `what \`${spell(argv)}\` made`)
  return variables === '' ? made : [...made, `${variables} on the host, if you set them there`]
}

/** What was seen until then is no proof. */
const STOPPED: RunResult = { exitCode: -1, stdout: '', stderr: '' }

/** As the doctor would have ended. */
function resultOf({ findings }: LiveResult): RunResult {
  const errors = findings.filter(({ severity }) => severity === 'error')
  const lines = errors.map(({ path, line, message, fix }) => `${path}:${line} ${message}\n${fix}`)
  return { exitCode: errors.length > 0 ? EXIT.findings : EXIT.done, stdout: lines.join('\n'), stderr: '' }
}

/** Connecting through what the files say now, as the app would. */
async function prove({ root, parser, io }: Session, signal: AbortSignal | undefined): Promise<LiveResult> {
  const { readFacts } = await import('../doctor/facts.ts')
  const { checkLive } = await import('../doctor/live.ts')
  const app = loadApp(root, parser)
  const connect: Connect = (url, timeout, reader) => io.connect(url, timeout, reader, signal)
  return checkLive(readFacts({ app, git: NO_GIT, today: new Date(io.clock()), parser }), connect)
}
