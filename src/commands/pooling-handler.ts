import { type App, describeApp, envOf } from '../app/app.ts'
import { frameworkCommand } from '../app/commands.ts'
import { runtimeOf, scaleOf } from '../app/deploy.ts'
import { overlay, readText, withFiles } from '../app/snapshot.ts'
import { answersFromInputs, askAnswers } from '../ask/answers.ts'
import { type Children, takeBack } from '../ask/children.ts'
import { testProblems } from '../ask/decide-others.ts'
import { InputError, interrupted } from '../ask/problems.ts'
import type { Answers, AskContext } from '../ask/types.ts'
import { voiceOn } from '../ask/voice.ts'
import { EXIT, type ExitCode } from '../base/errors.ts'
import { interruptible } from '../base/interrupt.ts'
import { spell } from '../base/shell.ts'
import { envUrls } from '../doctor/facts.ts'
import { baseline } from '../journal/baseline.ts'
import { makePlan } from '../plan/plan.ts'
import type { Plan } from '../plan/types.ts'
import { providerOf } from '../providers/index.ts'
import { applyPlan } from './apply-plan.ts'
import { childrenFor } from './children.ts'
import { consents, isInteractive } from './consent.ts'
import type { Arguments, Command, Io } from './io.ts'
import { serversLeft } from './local-servers.ts'
import { ENDINGS, openOutput } from './output.ts'
import { proofStep, provable } from './prove.ts'
import { type Provisioned, provision } from './provision.ts'
import { serverFacts } from './server-facts.ts'
import { gitOf, openSession, type Session } from './session.ts'
import { leftUndone } from './unfinished.ts'

/** `pooling [provider]`: from the app as it is to the app as it should be. */
export const runPooling: Command = (argv, io) => interruptible(io, (io) => setUp(argv, io))

async function setUp(argv: Arguments, io: Io): Promise<ExitCode> {
  const session = await openSession(argv, io)
  const children = childrenFor(session, argv, io)
  const asked = await answersOf(argv, io, session.loaded.app, children)
  let carriedOut = false
  try {
    const exitCode = await provisionAndProceed(asked, session, argv, io)
    carriedOut = isCarriedOut(exitCode)
    return exitCode
  } finally {
    if (!carriedOut && children) await takeBack(asked.created, children, voiceOn(io.terminal))
  }
}

async function provisionAndProceed(
  asked: Answers,
  session: Session,
  argv: Arguments,
  io: Io,
): Promise<ExitCode> {
  // The servers of `--local` are known once they are up.
  if (!asked.local) refuseTests(asked, session, io)
  const provisioned = await provision(asked, session, argv, io)
  let carriedOut = false
  try {
    const exitCode = await proceed(provisioned, session, argv, io)
    carriedOut = isCarriedOut(exitCode)
    return exitCode
  } finally {
    if (!carriedOut) await provisioned.abandon()
  }
}

function isCarriedOut(exitCode: ExitCode): boolean {
  return exitCode === EXIT.done || exitCode === EXIT.partlyDone
}

async function proceed(
  provisioned: Provisioned,
  session: Session,
  argv: Arguments,
  io: Io,
): Promise<ExitCode> {
  const { answers } = provisioned
  if (answers.local) refuseTests(answers, session, io)
  const plan = await planOf(session, provisioned, argv, io)
  if (io.terminal.signal?.aborted) throw interrupted('while planning')
  const { provider } = answers
  const output = openOutput(argv, io, {
    command: 'pooling',
    app: session.loaded.app,
    provider,
    inverse: 'undo',
  })
  for (const line of await leftUndone(session, plan)) output.say(line)
  if (plan.files.length === 0 && plan.refusals.length === 0) return output.finish(plan, ENDINGS.unchanged)
  const dry = argv.dryRun === true
  // What is left to do is said at the end, which for a dry run is now.
  await output.preview(dry ? plan : { ...plan, next: [] })
  if (dry) return output.finish(plan, ENDINGS.planned)
  if (plan.refusals.length > 0 && !(await agreesToPart(plan, answers, argv, io))) {
    return output.finish(plan, ENDINGS.refused)
  }
  if (!(await consents('Apply this plan?', true, argv, io))) return output.finish(plan, ENDINGS.declined)
  return applyPlan(plan, {
    command: `pooling ${provider}`,
    provider,
    aside: plan.aside,
    session,
    argv,
    io,
    output,
  })
}

function refuseTests({ pooled, test, provider, local }: Answers, { loaded }: Session, io: Io): void {
  const testDirects = envUrls(loaded.app).filter(({ name }) => name === 'TEST_DIRECT_URL')
  const problems = testProblems(test, pooled ? [pooled] : [], testDirects)
  const command = `${io.invocation} ${provider}${local ? ' --local' : ''}`
  if (problems.length > 0) throw new InputError(problems, command)
}

async function answersOf(
  argv: Arguments,
  io: Io,
  app: App,
  children: Children | undefined,
): Promise<Answers> {
  const inputs = { flags: argv, env: io.env }
  const installed = children && ((program: string) => children.locate(program) !== null)
  const context = { ...contextOf(app, io), ...optional('installed', installed) }
  return isInteractive(argv, io)
    ? askAnswers(inputs, context, io.terminal, children)
    : answersFromInputs(inputs, context)
}

function contextOf(app: App, io: Io): AskContext {
  const env = envOf(app.snapshot.files)
  const value = (name: string | null) => (name === null ? undefined : env.get(name) || undefined)
  const runtimeGuess = runtimeOf(app.deploy) ?? undefined
  const scale = scaleOf(app.snapshot.files) ?? undefined
  return {
    kind: app.kind,
    prismaMajor: app.prisma.major,
    ...optional('currentPooled', value(app.names.runtime)),
    ...optional('currentDirect', value(app.names.direct)),
    ...optional('currentTest', value('TEST_DATABASE_URL')),
    ...optional('runtimeGuess', runtimeGuess),
    ...optional('scale', scale),
    today: new Date(io.clock()),
    invocation: io.invocation,
    testCommand: spell(frameworkCommand(app, 'test')),
  }
}

function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]: V })
}

/** Plans against the app as it was before us, so that switching leaves what starting would have left. */
async function planOf(session: Session, provisioned: Provisioned, argv: Arguments, io: Io): Promise<Plan> {
  const { answers, comments, shadow } = provisioned
  const { loaded, parser, ports, root } = session
  // An env file of the user's choice may be none of those that are read of every app.
  const snapshot = withFiles(loaded.app.snapshot, answers.envFile === null ? [] : [answers.envFile])
  const history = await baseline(snapshot.files, async (path) => readText(root, path), ports)
  const disk = overlay(snapshot, history.current)
  const git = await gitOf(
    session,
    [...new Set([...disk.files.keys(), '.env', answers.envFile ?? '.env'])],
    io,
  )
  const plan = await makePlan({
    app: describeApp(overlay(snapshot, history.files), loaded.versions, parser),
    disk,
    git,
    provider: providerOf(answers.provider),
    answers,
    server: await serverFacts(answers, session, argv, io),
    comments,
    shadow,
    parser,
  })
  return {
    ...plan,
    commands: provable(plan, answers) ? [...plan.commands, proofStep(io.invocation)] : plan.commands,
    reasons: [...new Set([...plan.reasons, ...answers.reasons, ...provisioned.reasons])],
    next: [...plan.next, ...provisioned.next, ...(await serversLeft(plan.files, session, io))],
  }
}

/** A file that has to be edited by hand stops the whole plan, unless the user takes the rest. */
async function agreesToPart(plan: Plan, answers: Answers, argv: Arguments, io: Io): Promise<boolean> {
  if (answers.allowPartial) return true
  if (!isInteractive(argv, io) || argv.yes === true || plan.files.length === 0) return false
  return consents('Apply the rest of the plan, and edit these by hand?', false, argv, io)
}
