import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { typedAgain } from '../ask/command-line.ts'
import { wrongFlags } from '../ask/options.ts'
import { inputError } from '../ask/problems.ts'
import { ActionableError, EXIT, type ExitCode } from '../base/errors.ts'
import { textOrEmpty } from '../base/regular-file.ts'
import { audit } from '../doctor/audit.ts'
import { measure } from '../doctor/capacity.ts'
import { envPaths, readFacts } from '../doctor/facts.ts'
import { isFixable, planFixes } from '../doctor/fix.ts'
import { explained } from '../doctor/known.ts'
import { checkLive, NOT_CONNECTED } from '../doctor/live.ts'
import { lookedAt } from '../doctor/looked-at.ts'
import { planned } from '../doctor/planned/index.ts'
import { sourceFiles } from '../doctor/source-files.ts'
import type { Finding } from '../doctor/types.ts'
import { leftUndone } from '../journal/earlier-runs.ts'
import type { Plan } from '../plan/types.ts'
import { renderCapacity } from '../view/capacity.ts'
import { renderFindings, renderKnown, renderProofs } from '../view/findings.ts'
import { printJson, toJson } from '../view/json.ts'
import { applyPlan } from './apply-plan.ts'
import type { Arguments, Command, Io } from './io.ts'
import { ENDINGS, type Ending, type Output, openOutput, viewOf } from './output.ts'
import { gitOf, openSession, type Session } from './session.ts'

/** `pooling doctor [--fix]`: looks at the app, says what it found, and fixes what is mechanical. */
export const run: Command = async (argv, io) => {
  if (argv.explain !== undefined) return explain(argv.explain, argv, io)
  const wrong = wrongFlags(argv)
  if (wrong.length > 0) throw inputError(wrong, typedAgain(argv, wrong, `${io.invocation} doctor`))
  const session = await openSession(argv, io)
  const { app } = session
  const git = await gitOf(session, envPaths(app))
  const { invocation, env: shell } = io
  const facts = readFacts({ app, git, today: new Date(io.clock()), shell, invocation, parser: session.parser })
  const live = argv.verify === false ? NOT_CONNECTED : await checkLive(facts, io.connect)
  const { instances, concurrency } = argv
  const isAsked = instances !== undefined && !facts.embedded
  const measured = isAsked ? await measure(facts, live, { instances, concurrency }, io.connect) : null
  // A file that can't be read is left out.
  const read = (path: string) => textOrEmpty(join(session.root, path)) || null
  const audited = audit({ facts, files: sourceFiles(session.root), read, parser: session.parser })
  const changes = await planned(facts, session.parser)
  const findings = [...(measured?.findings ?? []), ...live.findings, ...changes, ...audited.findings]
  const plan = planFixes(argv.fix === true ? findings : [], facts, session.parser)
  const looked = lookedAt(facts, audited.filesRead, live.connections.length > 0)
  const output = openOutput(session, { command: 'doctor' })
  for (const line of await leftUndone(plan, app, session.ports)) output.say(line)
  if (argv.json !== true) {
    io.terminal.stdout.write(renderProofs(live.proofs, viewOf(io)))
    if (measured) io.terminal.stdout.write(renderCapacity(measured.capacity, viewOf(io).columns))
    io.terminal.stdout.write(`${renderFindings(findings, looked, viewOf(io))}\n`)
  }
  const ending = await carryOut(plan, findings, session, output)
  const isApplied = ending.status === 'applied'
  const isFixed = (each: Finding) => isFixable(each) && plan.files.some(({ path }) => path === each.path)
  const left = findings.filter((each) => !isApplied || !isFixed(each))
  const told = findings.map((each) => (isFixed(each) ? { ...each, fixed: true } : each))
  const { proofs, connections } = live
  const more = { proofs, connections, capacity: measured?.capacity, findings: told }
  const exitCode = output.finish(plan, { ...ending, more })
  if (isApplied && left.length > 0) output.say(`Still to fix, of the findings above: ${left.length}.`)
  return exitCode === EXIT.done ? verdictOf(left) : exitCode
}

async function carryOut(plan: Plan, findings: readonly Finding[], session: Session, output: Output): Promise<Ending> {
  if (plan.files.length > 0) {
    const ended = await output.offer(plan, 'Apply these changes?')
    return ended ?? applyPlan(plan, { command: 'doctor --fix', byHand: true }, session, output)
  }
  hintAtFix(findings, session)
  if (plan.refusals.length > 0) output.preview(plan)
  return ENDINGS.unchanged
}

/** Errors hold names and values, so that their text comes on stdin: arguments are posted by telemetry. */
async function explain(code: string, { json }: Arguments, { terminal }: Io): Promise<ExitCode> {
  if (!code && terminal.stdin.isTTY) terminal.stderr.write('Paste the error, then press Ctrl-D on a line of its own.\n')
  const asked = code || (await text(terminal.stdin))
  const known = explained(asked)
  if (known.length === 0) {
    throw new ActionableError(code ? 'There is no such code.' : 'No known error in this text.', {
      code: 'unknown-error',
      fix: 'Give a code that doctor or --json prints, or pipe the whole text of an error into --explain.',
      exitCode: EXIT.usage,
    })
  }
  const told = known.map(({ code, title, why, fix, saw }) => ({ code, title, why, fix, saw }))
  terminal.stdout.write(
    json === true
      ? printJson({ ...toJson({ command: 'doctor', status: 'unchanged' }), explained: told })
      : renderKnown(told, viewOf({ terminal })),
  )
  return EXIT.done
}

function verdictOf(findings: readonly Finding[]): ExitCode {
  return findings.some(({ severity }) => severity === 'error') ? EXIT.findings : EXIT.done
}

function hintAtFix(findings: readonly Finding[], { argv, io }: Session): void {
  const count = findings.filter(isFixable).length
  if (count === 0 || argv.fix === true) return
  io.terminal.stderr.write(`${count} of these can be fixed for you, after showing how: ${io.invocation} doctor --fix\n`)
}
