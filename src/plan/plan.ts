import { type ClientAdapter, clientSnippet, editClient, readAdapter } from '../../codemods/db-client/index.ts'
import { type ClientTarget, needsClient } from '../../codemods/db-client/target.ts'
import { RUNTIME } from '../../codemods/env/files.ts'
import { copyEntry } from '../../codemods/manifests/deploy-entry.ts'
import { editGitignore } from '../../codemods/manifests/gitignore.ts'
import type { Parser } from '../../codemods/module/parse.ts'
import { type ConfigTarget, configSnippet, editPrismaConfig } from '../../codemods/prisma-config/edit.ts'
import { editSchema, schemaSnippet } from '../../codemods/schema/schema.ts'
import { checkSchema, loadEngine } from '../../codemods/schema/schema-check.ts'
import type { SchemaTarget, ShadowTarget } from '../../codemods/schema/target.ts'
import { type App, envOf } from '../app/app.ts'
import { ownDatabases } from '../app/test-runs.ts'
import { NO_PRISMA_CONFIG } from '../app/uneditable.ts'
import { type ConnectionString, readUrl } from '../connection/connection-string.ts'
import { besideUrl } from '../providers/adapter.ts'
import { recognise } from '../providers/index.ts'
import type { Provider, SetupInput, Target } from '../providers/types.ts'
import { dataSteps, tableSteps } from './data.ts'
import { heldInEnv } from './development.ts'
import { PlanDraft } from './draft.ts'
import { planEnvFiles } from './env-files.ts'
import { hostSteps, hostVariables, targetOf } from './host.ts'
import type { PlanInput } from './input.ts'
import { planLeavingAccelerate } from './leave-accelerate.ts'
import { planMigrations } from './migrations.ts'
import { type Names, namesOf } from './names.ts'
import { packagesBetween, planPackages } from './packages.ts'
import { warnOfOtherKind } from './schema-issues.ts'
import { serversLeft } from './servers-left.ts'
import { isOwnDatabase, SHADOW_DROPPED, shadowTarget } from './shadow.ts'
import { commandsAfter } from './steps.ts'
import { planTables } from './tables.ts'
import type { Plan } from './types.ts'
import { refuseUnshown } from './unshown.ts'
import { planWarnings } from './warnings.ts'

/** Plans what would change. Pure: the same input gives the same plan, and nothing is read or written. */
export async function makePlan(input: PlanInput): Promise<Plan> {
  const { app, today, provider, answers, provisioned } = input
  const adapter = clientAdapter(app, input.parser)
  const style = app.prisma.major >= 7 || adapter !== null ? 'adapter' : 'engine'
  const setup: SetupInput = {
    prismaMajor: app.prisma.major,
    style,
    kind: app.kind === null || app.kind === 'sqlite' ? undefined : app.kind,
    ...hostVariableOf(app, provider),
    recognise,
    sslInCode: adapter?.ssl === true,
    extraCa: [...app.snapshot.files.values()].some((text) => text.includes('NODE_EXTRA_CA_CERTS')),
    pooled: answers.pooled ?? undefined,
    direct: answers.direct ?? undefined,
    shadow: provisioned.shadow ?? undefined,
    sizing: answers.sizing,
    isForHost: answers.envFile === null,
    poolReady: answers.poolReady,
    ...input.server,
  }
  const target = targetOf(provider, setup)
  const names = namesOf(input, target)
  const draft = new PlanDraft(app.snapshot, today.snapshot)
  const held = heldInEnv(draft, input, target, names)
  const known = [answers.pooled, answers.direct, answers.test, ...ownDatabases(app, {})].filter((url) => url !== null)
  const shadow = shadowTarget(app, held, known)
  if (shadow === 'drop' && isOwnDatabase(today, known)) draft.warn('shadow-dropped', SHADOW_DROPPED)
  const schema = schemaTarget(app, target, names, shadow)
  planSchema(draft, app, schema)
  const config = { runtimeEnv: names.runtime, directEnv: names.direct, shadow }
  planConfig(draft, app, config, input.parser)
  const client = clientTarget(input, target, names, style)
  planClient(draft, input, client)
  const leaving = target.accelerate ? { first: [], last: [] } : planLeavingAccelerate(draft, input, target.kind, style)
  planPackages(draft, app, client)
  const aside = planMigrations(draft, app, target.kind, answers.resetMigrations === true)
  planCreatedFiles(draft, target)
  await planDeployFiles(draft, app, target, names)
  const isTlsInCode = setup.sslInCode === true || (style === 'adapter' && target.adapter?.unverified === true)
  const env = planEnvFiles(draft, {
    ...held,
    kind: target.kind,
    accelerate: target.accelerate,
    names,
    shadow,
    comments: provisioned.comments,
    testUrl: answers.test && besideUrl(answers.test, target, { ...setup, sslInCode: isTlsInCode }),
    replicaUrls: answers.replicas.map((url) => replicaUrl(url, provider, target, setup)),
    isTlsInCode,
  })
  planWarnings(draft, input, target, names, held)
  // A database that was just made gets the app's tables.
  const isNew = answers.local || answers.temporary
  const tables = isNew && answers.install !== false ? planTables(app, draft) : null
  await draft.check()
  refuseUnshown(draft, input, client, config, schemaSnippet(schema))
  await warnOfOtherKind(draft, input, target.kind)
  const files = draft.changesFrom(today.snapshot.files)
  const packages = packagesBetween(files)
  const given = [answers.pooled, answers.direct].filter((url) => url !== null)
  const isLocal = answers.pooled !== null && recognise(answers.pooled)?.role === 'local'
  const hostEnv = isLocal ? [] : hostVariables(names, target, provider, setup)
  const newTables = tableSteps(draft, input, target.kind)
  return {
    files,
    aside: [...aside, ...(tables?.aside ?? [])],
    env,
    packages,
    commands: files.length === 0 ? [] : commandsAfter(input, held, packages, tables),
    hostEnv,
    warnings: [...answers.warnings, ...target.warnings, ...draft.warnings],
    refusals: draft.refusals,
    reasons: [...new Set([...target.reasons, ...answers.reasons, ...provisioned.reasons])],
    next: [
      ...held.first,
      ...leaving.first,
      ...dataSteps(input, target.kind),
      ...(held.last.length > 0 ? [] : newTables),
      ...(target.poolVariable ? [] : hostSteps(app, hostEnv, names, given, draft.files)),
      ...target.next,
      ...(files.length > 0 ? (tables?.notes ?? []) : []),
      ...provisioned.next,
      ...held.last,
      // A migration is made on the database to develop with, which may come with the step before.
      ...(held.last.length > 0 ? newTables : []),
      ...leaving.last,
      ...serversLeft(files, today.snapshot.files, input.invocation),
    ],
  }
}

/** With what the runtime's URL of the same place would get: each replica's client has its own pool. */
function replicaUrl(url: ConnectionString, provider: Provider, target: Target, setup: SetupInput): string {
  const own = { ...setup, pooled: url, direct: undefined, hostVariable: undefined, sslInCode: false }
  return besideUrl(readUrl(provider.setup(own).runtimeUrl) ?? url, target, own)
}

function schemaTarget(app: App, target: Target, names: Names, shadow: ShadowTarget): SchemaTarget {
  const inSchema = app.urlIn === 'schema'
  return {
    provider: target.kind,
    url: inSchema ? { env: names.runtime } : null,
    directUrl: inSchema && names.direct !== null ? { env: names.direct } : null,
    shadowDatabaseUrl: inSchema ? shadow : 'keep',
    relationMode: target.relationMode ?? (app.kind === 'mysql' && target.kind !== 'mysql' ? null : 'keep'),
  }
}

function planSchema(draft: PlanDraft, app: App, want: SchemaTarget): void {
  const { schema, schemaFiles } = app.paths
  if (schema === null) {
    const path = schemaFiles[0] ?? 'api/db/schema.prisma'
    draft.refusals.push({ path, reason: app.schemaProblem!, snippet: schemaSnippet(want) })
    return
  }
  draft.edit(
    schema,
    (text) => editSchema(text, want),
    async (before, after) => checkSchema(await loadEngine(app.prisma.major), before, after, want),
  )
}

function planConfig(draft: PlanDraft, app: App, want: ConfigTarget, parser: Parser): void {
  if (app.urlIn === 'schema' && app.config?.urlEnv == null) return
  const path = app.paths.prismaConfig
  if (path !== null) {
    draft.edit(path, (text) => editPrismaConfig(text, path, want, parser))
    return
  }
  const missing = 'api/prisma.config.cjs'
  draft.refusals.push({
    path: missing,
    reason: NO_PRISMA_CONFIG,
    snippet: configSnippet(want, missing),
  })
}

export function clientAdapter(app: App, parser: Parser): ClientAdapter | null {
  const path = app.paths.dbClient
  return path === null ? null : readAdapter(app.snapshot.files.get(path)!, path, parser)
}

/** The variable in which the host gives the pooled URL, where the app's env files have it beside a `DATABASE_URL`. */
function hostVariableOf(app: App, { hostVariables }: Provider): Pick<SetupInput, 'hostVariable' | 'hostUrl'> {
  const env = envOf(app.snapshot.files)
  if (!hostVariables.direct.includes(RUNTIME)) return {}
  const name = hostVariables.pooled.find((each) => each !== RUNTIME && env.get(each))
  if (name === undefined || !env.get(RUNTIME)) return {}
  return { hostVariable: name, hostUrl: readUrl(env.get(name)) ?? undefined }
}

function clientTarget(
  { app, answers }: PlanInput,
  target: Target,
  names: Names,
  style: ClientTarget['style'],
): ClientTarget {
  const { sizing, readReplicas } = answers
  const asked = { max: sizing.connectionLimit, connectionTimeoutMillis: sizing.poolTimeout } as const
  return {
    style,
    prismaMajor: app.prisma.major,
    poolVariable: target.poolVariable,
    accelerate: target.accelerate,
    adapter: style === 'adapter' ? target.adapter : null,
    readReplicas: readReplicas === undefined ? undefined : names.replicas === null ? null : { env: names.replicas },
    asked: (Object.keys(asked) as (keyof typeof asked)[]).filter((name) => asked[name] !== undefined),
    datasource: app.datasource?.name,
  }
}

function planClient(draft: PlanDraft, { app, parser }: PlanInput, wanted: ClientTarget): void {
  const path = app.paths.dbClient
  if (path !== null) {
    draft.edit(path, (text) => editClient(text, path, wanted, parser))
  } else if (needsClient(wanted)) {
    draft.refusals.push({
      path: 'api/src/lib/db.ts',
      reason: 'No api/src/lib/db file was found, and this setup has to change the client.',
      snippet: clientSnippet(wanted),
    })
  }
}

function planCreatedFiles(draft: PlanDraft, target: Target): void {
  for (const { path, text, mode } of target.files) draft.write(path, text, { mode })
  const add = target.files.flatMap(({ path, mode }) => (mode === 0o600 ? [`/${path}`] : []))
  if (add.length === 0) return
  if (draft.text('.gitignore') === null) draft.write('.gitignore', '')
  draft.edit('.gitignore', (text) => editGitignore(text, { add }))
}

/** Where a deploy file hands the runtime's variable on by its name, it hands the direct one on beside it. */
async function planDeployFiles(draft: PlanDraft, { deploy }: App, { poolVariable }: Target, names: Names) {
  const { runtime, direct } = names
  if (direct === null || poolVariable !== null) return
  for (const { path, databaseUrl } of deploy) {
    const text = draft.text(path) ?? ''
    if (databaseUrl?.from !== 'outside' || !/\.ya?ml$/.test(path) || text.includes(direct)) continue
    const copied = await copyEntry(text, runtime, direct)
    draft.edit(path, () => copied)
  }
}
