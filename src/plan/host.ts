import type { App } from '../app/app.ts'
import { frameworkCommand } from '../app/commands.ts'
import { spell } from '../base/shell.ts'
import { type ConnectionString, type Parameter, readExample } from '../connection/connection-string.ts'
import { maskUrl } from '../connection/mask.ts'
import { sameDatabase } from '../providers/same-database.ts'
import { isNear } from '../providers/tls.ts'
import type { Provider, SetupInput, Target } from '../providers/types.ts'
import type { Names } from './names.ts'

export interface PlannedHostVariable {
  name: string
  why: string
  /** The value that the host needs, in a production answer. */
  value: string | null
  /** The query's parameters that the vendor's own string lacks, and those that it has too much. */
  add: Record<string, string>
  remove: string[]
}

const WRITTEN = { pooled: 'runtimeUrl', direct: 'directUrl' } as const

/** Every variable that the app needs where it is built and where it runs. Migrations fail first, so theirs leads. */
export function hostVariables(
  names: Names,
  target: Target,
  provider: Provider,
  setup: SetupInput,
): PlannedHostVariable[] {
  const sample = samplesOf(provider, setup)
  const { poolVariable } = target
  const plain = (name: string, why: string) => ({ name, why, value: null, add: {}, remove: [] })
  const url = (name: string, why: string, role: keyof typeof WRITTEN): PlannedHostVariable => {
    const field = WRITTEN[role]
    const wanted = target[field]
    const change = changeOf(setup[role], wanted) ?? changeOf(sample[role], provider.setup(sample)[field])
    return { ...plain(name, why), ...change, value: setup.isForHost ? wanted : null }
  }
  return [
    ...(names.direct === null ? [] : [url(names.direct, withoutDirect(setup), 'direct')]),
    ...(names.replicas === null ? [] : [plain(names.replicas, 'without it, every query goes to the primary')]),
    ...(poolVariable === null
      ? [url(names.runtime, 'the URL that the app itself connects with', 'pooled')]
      : [
          plain(poolVariable.name, 'the pooled URL that the app itself connects with'),
          plain(names.runtime, 'the direct URL, for migrations'),
        ]),
  ]
}

/** Prisma's config falls back to the runtime's URL; the schema can't. */
function withoutDirect({ prismaMajor }: SetupInput): string {
  return prismaMajor >= 7
    ? 'without it, prisma migrate deploy goes through the pooler'
    : 'prisma migrate deploy fails without it'
}

/** Where the host alone knows the connection strings, the code and its reasons are for such as the vendor gives out. */
export function targetOf(provider: Provider, setup: SetupInput): Target {
  const target = provider.setup(setup)
  if (setup.pooled || setup.direct) return target
  const { kind, adapter, reasons } = provider.setup(samplesOf(provider, setup))
  return kind === target.kind ? { ...target, adapter, reasons } : target
}

/** The same setup with the strings that the vendor's console shows. */
function samplesOf(provider: Provider, setup: SetupInput): SetupInput {
  const questions = provider.questions(setup.kind ?? null)
  const samples = questions.map(({ role, example }) => [role, readExample(example)])
  return { ...setup, ...Object.fromEntries(samples) }
}

/** How the query changes; `null` where it doesn't, and where there is nothing to compare. */
function changeOf(vendor: ConnectionString | undefined, wanted: string | null) {
  const after = wanted === null ? undefined : readExample(wanted)
  if (!vendor || !after) return null
  const isIn = ({ params }: ConnectionString, { name, value }: Parameter) =>
    params.some((other) => other.name === name && other.value === value)
  const lacks = after.params.filter((each) => !isIn(vendor, each))
  const tooMuch = vendor.params.filter((each) => !isIn(after, each))
  if (lacks.length + tooMuch.length === 0) return null
  return {
    add: Object.fromEntries(lacks.map(({ name, value }) => [name, value])),
    remove: [...new Set(tooMuch.map(({ name }) => name))],
  }
}

/** The user's steps outside of this machine, most urgent first. `given` leads to the plan's database. */
export function hostSteps(
  app: App,
  variables: readonly PlannedHostVariable[],
  names: Names,
  given: readonly ConnectionString[],
  files: ReadonlyMap<string, string>,
): string[] {
  if (variables.length === 0) return []
  const hosts = [...new Set(app.deploy.map(({ host }) => host))]
  const own = variables.map(({ name }) => name).join(' and ')
  const previews = hosts.flatMap((host) => {
    const off = host.previews?.(spell(frameworkCommand(app, 'deploy')))
    if (!off) return []
    return [
      `Previews on ${host.name} migrate the database that they get. First restrict ${names.runtime} to production there; then give previews ${own} of a database of their own, or turn migrations off: ${off}`,
    ]
  })
  const lines = variables.map((each) => {
    const ways = hosts.flatMap(({ name, set }) => (set ? `. ${name}: ${set(each.name)}` : []))
    // The last words, so that nothing is copied with it.
    const value = each.value === null ? '' : `. Its value: ${maskUrl(each.value)}`
    const start = variables.length > 1 ? `\n${each.name}: ` : ' '
    return `${start}${each.why}${detailsOf(each)}${ways.join('')}${value}`
  })
  return [
    ...previews,
    ...fileSteps(app, names, given, files),
    `Before the next deploy, set ${own} for production alone, on the host and in the CI job that deploys:${lines.join('')}`,
  ]
}

/** A deploy file's own values win over the host's variables, so they come first. */
function fileSteps(
  { deploy }: App,
  { runtime, direct }: Names,
  given: readonly ConnectionString[],
  files: ReadonlyMap<string, string>,
): string[] {
  return deploy.flatMap(({ path, text, host, databaseUrl }) => {
    if (databaseUrl === null) return []
    const url = databaseUrl.from === 'file' ? readExample(databaseUrl.url) : undefined
    const lacksDirect = direct !== null && !(files.get(path) ?? text).includes(direct)
    const where = host.previews ? ', for production alone' : ''
    if (databaseUrl.from === 'outside' || (url && given.some((other) => sameDatabase(url, other)))) {
      return lacksDirect ? [besideStep(path, files.get(path) ?? text, runtime, direct, where)] : []
    }
    if (host.tells && url && isNear(url)) {
      const own = `${path} sets ${runtime} to a database of its own, and keeps using that`
      return [lacksDirect ? `${own}: add ${direct} beside it, to the same database.` : `${own}.`]
    }
    const what = url ? `sets ${runtime} to a fixed URL` : `takes ${runtime} from ${host.name}'s own database`
    const split = direct === null ? '' : `, whichever database ${direct} leads to`
    return [
      `${path} ${what}, which wins over what is set on the host: the app would keep using that${split}. Take that entry out before you set anything else.`,
    ]
  })
}

/** With the line to paste where it hands the variable on by its own name, as `"DATABASE_URL": "${DATABASE_URL}"` does. */
function besideStep(path: string, text: string, runtime: string, direct: string, where: string): string {
  const lines = text.split('\n')
  const index = lines.findIndex((line) => line.includes(runtime) && !/^\s*(#|\/\/)/.test(line))
  const line = lines[index]!.trim()
  // Another word on the line may be another variable's secret.
  const isPlain = line.match(/\w+/g)!.every((word) => [runtime, 'secrets', 'vars', 'env'].includes(word))
  const isHandedOn = isPlain && line.includes('${')
  const what = isHandedOn ? `\`${line.replaceAll(runtime, direct)}\`` : direct
  return `${path}:${index + 1} sets ${runtime} alone: add ${what} beside it${where}.`
}

/** How the query of the string that the vendor gives changes. */
function detailsOf({ add, remove }: PlannedHostVariable): string {
  const added = Object.entries(add).map((parameter) => parameter.join('='))
  const gone = remove.filter((name) => !(name in add)).join(', ')
  const parts = [added.length > 0 && `with ${added.join('&')} in its query`, gone && `without ${gone}`].filter(Boolean)
  return parts.length > 0 ? ` (the vendor's string ${parts.join(', ')})` : ''
}
