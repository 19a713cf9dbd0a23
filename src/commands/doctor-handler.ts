import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { withFiles } from '../app/snapshot.ts'
import { typedAgain } from '../ask/command-line.ts'
import { wrongFlags } from '../ask/options.ts'
import { InputError } from '../ask/problems.ts'
import { ActionableError, EXIT, type ExitCode } from '../base/errors.ts'
import { textOrEmpty } from '../base/regular-file.ts'
import { audit } from '../doctor/audit.ts'
import { measure } from '../doctor/capacity.ts'
import { envPaths, readFacts } from '../doctor/facts.ts'
import { explained } from '../doctor/known.ts'
import { checkLive, type LiveResult, NOT_CONNECTED } from '../doctor/live.ts'
import { lookedAt } from '../doctor/looked-at.ts'
import { isMendable, planMending } from '../doctor/mend.ts'
import { planned } from '../doctor/planned/index.ts'
import { sourceFiles } from '../doctor/source-files.ts'
import type { Facts, Finding } from '../doctor/types.ts'
import type { Plan } from '../plan/types.ts'
import type { Capacity } from '../providers/sizing.ts'
import { renderCapacity } from '../view/capacity.ts'
import { renderFindings, renderKnown, renderProofs } from '../view/findings.ts'
import { printJson, toJson } from '../view/json.ts'
import { applyPlan } from './apply-plan.ts'
import type { Arguments, Command, Io } from './io.ts'
import { ENDINGS, type Output, openOutput, viewOf } from './output.ts'
import { gitOf, openSession, type Session } from './session.ts'
import { leftUndone } from './unfinished.ts'

/** `pooling doctor [--fix]`: looks at the app, says what it found, and fixes what is mechanical. */
export const run: Command = async (argv, io) => {
  if (argv.explain !== undefined) return explain(argv.explain, argv, io)
  const wrong = wrongFlags(argv)
  if (wrong.length > 0) throw new InputError(wrong, typedAgain(argv, wrong, `${io.invocation} doctor`))
  const session = await openSession(argv, io)
  const { app } = session
  const git = await gitOf(session, envPaths(app))
  const facts = readFacts({
    app,
    git,
    today: new Date(io.clock()),
    shell: io.env,
    invocation: io.invocation,
    parser: session.parser,
  })
  const live = argv.verify === false ? NOT_CONNECTED : await checkLive(facts, io.connect)
  const { instances, concurrency } = argv
  const measured = instances === undefined ? null : await measure(facts, live, { instances, concurrency }, io.connect)
  const first = lookAt(session, facts)
  const changes = await planned(facts, session.parser)
  const shown = [...(measured?.findings ?? []), ...live.findings, ...changes]
  const findings = [...shown, ...first.findings]
  const toFix = argv.fix === true ? findings.filter(isMendable) : []
  const paths = toFix.map(({ path }) => path)
  const plan = planMending(toFix, withFiles(app.snapshot, paths).files, facts, session.parser)
  const left = plan.files.length === 0 ? findings : [...shown, ...lookAt(session, facts, plan).findings]
  const looked = lookedAt(facts, first.filesRead, live.connections.length > 0)
  const output = doctorOutput(session, { findings, left, live, capacity: measured?.capacity ?? null })
  for (const line of await leftUndone(session, plan)) output.say(line)
  if (argv.json !== true) {
    io.terminal.stdout.write(renderProofs(live.proofs, viewOf(io)))
    if (measured) io.terminal.stdout.write(renderCapacity(measured.capacity, viewOf(io).columns))
    io.terminal.stdout.write(`${renderFindings(findings, looked, viewOf(io))}\n`)
  }
  if (plan.files.length === 0) {
    hintAtFix(findings, session)
    if (plan.refusals.length > 0) output.preview(plan)
    return output.finish(plan, ENDINGS.unchanged)
  }
  output.preview(plan)
  if (argv.dryRun === true) return output.finish(plan, ENDINGS.planned)
  if (!(await output.agrees('Apply these changes?', plan))) return output.finish(plan, ENDINGS.declined)
  return applyPlan(plan, { command: 'doctor --fix', byHand: true }, session, output)
}

/** Errors hold names and values, so that their text comes on stdin: arguments are posted by telemetry. */
async function explain(code: string, { json }: Arguments, { terminal }: Io): Promise<ExitCode> {
  if (!code && terminal.stdin.isTTY) terminal.stderr.write('Paste the error, then press Ctrl-D on a line of its own.\n')
  const asked = code || (await text(terminal.stdin))
  const known = explained(asked)
  if (known.length === 0) {
    throw new ActionableError(code ? 'There is no such code.' : 'Nothing in this text is known here.', {
      code: 'unknown-error',
      fix: 'Give a code that doctor prints, or the whole text of an error on stdin, to --explain alone.',
      exitCode: EXIT.usage,
    })
  }
  const told = known.map(({ code, title, why, fix }) => ({ code, title, why, fix }))
  terminal.stdout.write(
    json === true
      ? printJson({ ...toJson({ command: 'doctor', status: 'unchanged' }), explained: told })
      : renderKnown(told, viewOf({ terminal })),
  )
  return EXIT.done
}

/** The app with a plan's changes in it, so that what is left can be told before anything is written. */
function lookAt({ root, parser }: Session, facts: Facts, plan?: Plan) {
  const planned = new Map(plan?.files.map(({ path, after }) => [path, after]))
  const read = (path: string) => planned.get(path) ?? textOrEmpty(join(root, path))
  return audit({ facts, files: sourceFiles(root), read, parser })
}

interface Results {
  findings: readonly Finding[]
  /** What the plan does not fix. */
  left: readonly Finding[]
  live: LiveResult
  capacity: Capacity | null
}

/** The usual output, with the findings in the document and an exit code that tells of errors that stay. */
function doctorOutput(session: Session, results: Results): Output {
  const { argv, io } = session
  const { findings, left, live, capacity } = results
  const { proofs, connections } = live
  const told = findings.map((each) => (left.some((other) => isSame(each, other)) ? each : { ...each, mended: true }))
  const more = { proofs, connections, ...(capacity ? { capacity } : {}), findings: told }
  const base = openOutput(session, { command: 'doctor' })
  return {
    ...base,
    finish(plan, ending) {
      const isApplied = ending.status === 'applied'
      const exitCode = base.finish(plan, { ...ending, more })
      if (argv.json !== true && isApplied && left.length > 0) {
        io.terminal.stdout.write(`\nStill there:\n\n${renderFindings(left, '', viewOf(io))}`)
      }
      return exitCode === EXIT.done ? exitCodeOf(isApplied ? left : findings) : exitCode
    },
  }
}

function exitCodeOf(findings: readonly Finding[]): ExitCode {
  return findings.some(({ severity }) => severity === 'error') ? EXIT.findings : EXIT.done
}

/** A fix is for all of one kind in a file, where lines move. */
function isSame(a: Finding, b: Finding): boolean {
  return a.code === b.code && a.path === b.path && a.message === b.message
}

function hintAtFix(findings: readonly Finding[], { argv, io }: Session): void {
  const count = findings.filter(isMendable).length
  if (count === 0 || argv.fix === true) return
  io.terminal.stderr.write(`${count} of these can be fixed for you, after showing how: ${io.invocation} doctor --fix\n`)
}
