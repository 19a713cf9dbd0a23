import type { Stray } from '../../codemods/db-client/follows.ts'
import { clientSnippet, strayClient } from '../../codemods/db-client/index.ts'
import type { ClientTarget } from '../../codemods/db-client/target.ts'
import { type ConfigTarget, configSnippet } from '../../codemods/prisma-config/edit.ts'
import { strayConfig } from '../../codemods/prisma-config/stray.ts'
import { harnessDirectUrls } from '../../codemods/schema/harness.ts'
import type { App } from '../app/app.ts'
import type { PlanDraft } from './draft.ts'
import type { PlanInput } from './input.ts'

/**
 * Refuses the app as it will be, where its shape doesn't show that tests leave its database alone. What each variable
 * holds then is judged apart from that.
 */
export function refuseUnshown(
  draft: PlanDraft,
  { app, today, parser }: PlanInput,
  client: ClientTarget,
  config: ConfigTarget,
  datasource: string,
): void {
  const { dbClient, prismaConfig, schemaFiles } = app.paths
  // What is refused in another file has nothing to do with tests.
  const own = [dbClient, prismaConfig, ...schemaFiles]
  const { major } = app.prisma
  const refuse = (stray: Stray | null, snippet: string) => {
    if (!stray) return
    const { path, line, reason } = stray
    const known = own.includes(path) && draft.refusals.find((refusal) => refusal.path === path)
    if (known) known.endangersTests = true
    else
      draft.refusals.push({ path, line: lineBefore(draft, today, path, line), reason, snippet, endangersTests: true })
  }
  if (dbClient !== null) refuse(strayClient(draft.files, dbClient, major, parser), clientSnippet(client))
  if (prismaConfig !== null) {
    const text = draft.text(prismaConfig)!
    refuse(strayConfig(text, prismaConfig, app.urlIn === 'config', parser), configSnippet(config, prismaConfig))
  }
  if (app.urlIn === 'schema') for (const path of schemaFiles) refuse(strayDirectUrl(draft, path, config), datasource)
}

/** The harness reads all files of the schema as one text, so that the first match may be in any of them. */
function strayDirectUrl(draft: PlanDraft, path: string, { directEnv }: ConfigTarget): Stray | null {
  const stray = harnessDirectUrls(draft.text(path) ?? '').find(({ env }) => env !== directEnv)
  const name = stray && /^\w+$/.test(stray.env) ? stray.env : 'another variable'
  const reason = `Redwood's test harness reads ${name} as the direct one from this line, even in a comment, and would reset ${directEnv ?? 'its database'} instead: delete the line.`
  return stray ? { path, line: stray.line, reason } : null
}

/** The line of a draft as it is on disk, where it is there. */
function lineBefore(draft: PlanDraft, app: App, path: string, line: number): number {
  const written = draft.text(path)!.split('\n')[line - 1]
  const before = (app.snapshot.files.get(path) ?? '').split('\n')
  const found = before.indexOf(written ?? '')
  return before[line - 1] === written || found === -1 ? line : found + 1
}
