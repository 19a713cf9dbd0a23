import { readEnv } from '../../codemods/env/dotenv-lex.ts'
import { TEST } from '../../codemods/env/files.ts'
import { type App, describeApp, envOf } from '../app/app.ts'
import { frameworkCommand } from '../app/commands.ts'
import { runtimeOf, scaleOf } from '../app/deploy.ts'
import { unsupported } from '../app/framework.ts'
import { withTraces } from '../app/load.ts'
import { shadowedByShell } from '../app/shadowed.ts'
import { overlay, readText, withFiles } from '../app/snapshot.ts'
import { uneditable } from '../app/uneditable.ts'
import { inspectChanges } from '../apply/commit.ts'
import { answersFromInputs, askAnswers } from '../ask/answers.ts'
import { repeated } from '../ask/command-line.ts'
import { envFilePath } from '../ask/options.ts'
import { printerOn } from '../ask/printer.ts'
import { interruptedAt } from '../ask/problems.ts'
import { discard, type Programs } from '../ask/programs.ts'
import { askToConfirm } from '../ask/prompting.ts'
import type { Answers, AskContext } from '../ask/types.ts'
import { EXIT, type ExitCode } from '../base/errors.ts'
import { interruptible } from '../base/interrupt.ts'
import { spell } from '../base/shell.ts'
import { KINDS } from '../connection/kinds.ts'
import { baseline } from '../journal/baseline.ts'
import { leftUndone, unfinishedCommands } from '../journal/earlier-runs.ts'
import { makePlan } from '../plan/plan.ts'
import type { Plan } from '../plan/types.ts'
import { providerOf } from '../providers/index.ts'
import type { ProviderId } from '../providers/types.ts'
import { applyPlan } from './apply-plan.ts'
import { canAsk, isInteractive, programsFor } from './consent.ts'
import type { Arguments, Command, Io } from './io.ts'
import { offerToClose } from './open-env-file.ts'
import { ENDINGS, openOutput } from './output.ts'
import { type Provisioned, provision } from './provision.ts'
import { report } from './report.ts'
import { serverFacts } from './server-facts.ts'
import { gitOf, openSession, type Session } from './session.ts'
import { keepTestsAway } from './tests-away.ts'

/** `pooling [provider]`: from the app as it is to the app as it should be. */
export const run: Command = (argv, io) => interruptible(io, (io) => setUp(argv, io))

async function setUp(argv: Arguments, io: Io): Promise<ExitCode> {
  const session = await openSession(argv, io)
  const { app } = session
  const printer = printerOn(io.terminal)
  let provider: ProviderId | null = null
  try {
    const problem = unsupported(app)
    if (problem) throw problem
    if (!(await goesOn(session))) return EXIT.failed
    for (const { message } of shadowedByShell(app, session.env)) printer.warn(message)
    const programs = programsFor(session)
    const asked = await answersOf(session, programs)
    provider = asked.provider
    const discardMade = async () => programs && discard(asked.created, programs, printer)
    return await orElse(discardMade, async () => {
      const provisioned = await provision(asked, session)
      return orElse(provisioned.abandon, () => proceed(provisioned, session))
    })
  } catch (error) {
    return report(error, 'pooling', argv, io, { app, provider })
  }
}

/** What no answer changes is said before the first question. */
async function goesOn(session: Session): Promise<boolean> {
  const { app, argv, io } = session
  const byHand = isInteractive(session) && argv.yes !== true && argv.allowPartial !== true ? uneditable(app) : null
  if (byHand === null) return true
  const printer = printerOn(io.terminal)
  printer.warn(byHand)
  const isAgreed = await askToConfirm('Go on with the rest, and edit that by hand?', false, io.terminal)
  if (!isAgreed) printer.note('Nothing was changed.')
  return isAgreed
}

/** Takes back what was made for a plan that is not carried out. */
async function orElse(discardAll: () => Promise<void>, run: () => Promise<ExitCode>): Promise<ExitCode> {
  let carriedOut = false
  try {
    const exitCode = await run()
    carriedOut = exitCode === EXIT.done || exitCode === EXIT.partlyDone
    return exitCode
  } finally {
    if (!carriedOut) await discardAll()
  }
}

async function proceed(provisioned: Provisioned, session: Session): Promise<ExitCode> {
  const { io } = session
  const { answers } = provisioned
  const { provider } = answers
  const planned = await offerToClose(await planOf(session, provisioned), session)
  const plan = { ...planned, warnings: [...planned.warnings, ...(await keepTestsAway(planned, answers, session))] }
  if (io.terminal.signal?.aborted) throw interruptedAt('while planning')
  const repeat = repeated(answers, io.invocation)
  const output = openOutput(session, { command: 'pooling', provider, inverse: 'undo', repeat })
  for (const line of await leftUndone(plan, session.app, session.ports)) output.say(line)
  if (plan.files.length === 0 && plan.refusals.length === 0) return output.finish(plan, ENDINGS.unchanged)
  // Say now that a file can't be written, not after the plan was agreed to.
  await inspectChanges(plan.files, session.ports)
  const ended = await output.offer(plan, 'Apply this plan?', () => acceptsPart(plan, session))
  const step = { command: `pooling ${provider}`, created: answers.created }
  return output.finish(plan, ended ?? (await applyPlan(plan, step, session, output)))
}

async function answersOf(session: Session, programs: Programs | undefined): Promise<Answers> {
  const { argv, io, app } = session
  const inputs = { flags: argv, env: io.env }
  const installed = programs && ((program: string) => programs.locate(program) !== null)
  const context = { ...contextOf(app, io, argv.dotenv), installed }
  return isInteractive(session)
    ? askAnswers(inputs, context, io.terminal, programs)
    : answersFromInputs(inputs, context)
}

function contextOf(app: App, io: Io, dotenv = '.env'): AskContext {
  const { files } = app.snapshot
  const env = envOf(files)
  const value = (name: string | null) => (name === null ? undefined : env.get(name) || undefined)
  // An earlier run has left it in the file that this one writes.
  const inFile = readEnv(files.get(envFilePath(dotenv)) ?? '').findLast(({ name }) => name === TEST)
  return {
    found: foundIn(app),
    kind: app.kind,
    currentPooled: value(app.names.runtime),
    // One variable for both says nothing of a direct URL.
    currentDirect: value(app.names.direct === app.names.runtime ? null : app.names.direct),
    currentTest: [app.names.runtime, app.names.direct].includes(TEST) ? undefined : inFile?.value || value(TEST),
    runtimeGuess: runtimeOf(app.deploy) ?? undefined,
    scale: scaleOf(app.deploy) ?? undefined,
    today: new Date(io.clock()),
    invocation: io.invocation,
    testCommand: spell(frameworkCommand(app, 'test')),
  }
}

function foundIn({ framework, version, prisma, kind, deploy }: App): string {
  const hosts = [...new Set(deploy.filter(({ host }) => host.tells !== 'nothing').map(({ host }) => host.name))]
  return [
    `${framework === 'redwood' ? 'RedwoodJS' : 'CedarJS'} ${version}`,
    `Prisma ${prisma.version}`,
    ...(kind ? [KINDS[kind].name] : []),
    ...(hosts.length > 0 ? [`deploys to ${new Intl.ListFormat('en').format(hosts)}`] : []),
  ].join(', ')
}

/** Plans against the app as it was before us, so that switching leaves what starting would have left. */
async function planOf(session: Session, provisioned: Provisioned): Promise<Plan> {
  const { answers } = provisioned
  const { app, parser, ports, root, io, argv } = session
  // An env file of the user's choice may be none of those that are read of every app.
  const usual = withFiles(app.snapshot, answers.envFile === null ? [] : [answers.envFile])
  const history = await baseline(usual.files, async (path) => readText(root, path), ports)
  // An app that has left Accelerate may still have code to edit by hand.
  const snapshot = withTraces(usual, overlay(usual, history.files).files)
  const today = describeApp(overlay(snapshot, history.current), app.versions, parser)
  // A person was told before the first question.
  const told = argv.json === true ? shadowedByShell(app, session.env) : []
  return makePlan({
    app: describeApp(overlay(snapshot, history.files), app.versions, parser),
    today,
    git: await gitOf(session, [...new Set([...today.snapshot.files.keys(), '.env', answers.envFile ?? '.env'])]),
    provider: providerOf(answers.provider),
    answers: { ...answers, warnings: [...told, ...answers.warnings] },
    server: await serverFacts(answers, session),
    provisioned,
    unfinished: await unfinishedCommands(app, ports),
    invocation: io.invocation,
    parser,
  })
}

/** A file that has to be edited by hand stops the whole plan, unless the user takes the rest. */
async function acceptsPart({ refusals, files }: Plan, session: Session): Promise<boolean> {
  if (refusals.some(({ endangersTests }) => endangersTests)) return false
  if (refusals.length === 0 || session.argv.allowPartial === true) return true
  if (files.length === 0) return false
  const question = 'Apply the rest of the plan, and edit these by hand?'
  return canAsk(session) && askToConfirm(question, false, session.io.terminal)
}
