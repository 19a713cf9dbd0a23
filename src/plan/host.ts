import type { App } from '../app/app.ts'
import { frameworkCommand } from '../app/commands.ts'
import { spell } from '../base/shell.ts'
import {
  type ConnectionString,
  type Parameter,
  parseConnectionString,
} from '../connection/connection-string.ts'
import type { HostVariable, Provider, SetupInput, Target } from '../providers/types.ts'
import type { Names } from './names.ts'

export interface PlannedHostVariable {
  name: string
  why: string
  /** What the host needs, in a production answer. */
  value: string | null
  /** The query's parameters that the vendor's own string lacks, and those that it has too much. */
  add: Record<string, string>
  remove: string[]
}

/** Every variable that the app needs where it is built and where it runs. Migrations fail first, so theirs leads. */
export function hostVariables(
  names: Names,
  target: Target,
  provider: Provider,
  setup: SetupInput,
  isForHost: boolean,
): PlannedHostVariable[] {
  const given = pairOf(target, setup)
  const example = exampleOf(provider, setup)
  const row = (name: string, why: string, role: 'pooled' | 'direct'): [string, PlannedHostVariable] => {
    const own = changes(given[role])
    const isDone = Object.keys(own.add).length + own.remove.length === 0
    const value = isForHost ? (given[role]?.wanted ?? null) : null
    return [name, { name, why, value, ...(isDone ? changes(example[role]) : own) }]
  }
  return [
    ...new Map([
      ...(names.direct === null ? [] : [row(names.direct, '`migrate deploy` fails without it', 'direct')]),
      ...(target.poolVariable === null
        ? [row(names.runtime, 'the URL that the app connects with', 'pooled')]
        : []),
      ...(names.replicas === null
        ? []
        : [plain(names.replicas, 'without it, every query goes to the primary')]),
      ...target.hostEnv.map(({ name, why, url }): [string, PlannedHostVariable] => {
        if (name === names.direct) return row(name, why, 'direct')
        if (url) return [name, { ...plain(name, why)[1], ...changes(url) }]
        return target.poolVariable === null ? row(name, why, 'pooled') : plain(name, why)
      }),
    ]).values(),
  ]
}

function plain(name: string, why: string): [string, PlannedHostVariable] {
  return [name, { name, why, value: null, add: {}, remove: [] }]
}

type Written = NonNullable<HostVariable['url']>

function pairOf(
  { runtimeUrl, directUrl }: Target,
  { pooled, direct }: Pick<SetupInput, 'pooled' | 'direct'>,
): { pooled: Written | null; direct: Written | null } {
  const runtime = pooled ?? direct
  return {
    pooled: runtime && runtimeUrl !== null ? { vendor: runtime, wanted: runtimeUrl } : null,
    direct: direct && directUrl !== null ? { vendor: direct, wanted: directUrl } : null,
  }
}

/** What becomes of the strings that the vendor's console shows. */
function exampleOf(provider: Provider, setup: SetupInput): ReturnType<typeof pairOf> {
  const questions = provider.questions({ kind: setup.kind ?? null, prismaMajor: setup.prismaMajor })
  const read = (role: 'pooled' | 'direct') => {
    const parsed = parseConnectionString(questions.find((each) => each.role === role)?.example ?? '')
    const url = 'url' in parsed ? parsed.url : parsed.partial
    return url ? { [role]: url } : {}
  }
  const example = { ...read('pooled'), ...read('direct') }
  return pairOf(provider.setup({ ...setup, ...example }), example)
}

function changes(written: Written | null): Pick<PlannedHostVariable, 'add' | 'remove'> {
  const parsed = parseConnectionString(written?.wanted ?? '')
  if (!written || !('url' in parsed || parsed.partial)) return { add: {}, remove: [] }
  const after = 'url' in parsed ? parsed.url : parsed.partial!
  const isIn = ({ params }: ConnectionString, { name, value }: Parameter) =>
    params.some((other) => other.name === name && other.value === value)
  const lacks = after.params.filter((each) => !isIn(written.vendor, each))
  const tooMuch = written.vendor.params.filter((each) => !isIn(after, each))
  return {
    add: Object.fromEntries(lacks.map(({ name, value }) => [name, value])),
    remove: [...new Set(tooMuch.map(({ name }) => name))],
  }
}

/** What is left for the user to do outside of this machine, most urgent first. */
export function hostSteps(app: App, variables: readonly PlannedHostVariable[], names: Names): string[] {
  if (variables.length === 0) return []
  const hosts = [...new Set(app.deploy.map(({ host }) => host))]
  const own = variables.map(({ name }) => name).join(' and ')
  const steps = hosts.flatMap((host) => {
    const off = host.previews?.(spell(frameworkCommand(app, 'deploy')))
    if (!off) return []
    return [
      `Previews on ${host.name} migrate whatever database they get: first restrict ${names.runtime} to production there, or replace it in previews.`,
      `Then give previews ${own} of a database of their own, or turn migrations off there: ${off}`,
    ]
  })
  for (const variable of variables) {
    steps.push(
      `Before the next deploy, set ${variable.name} for production alone, on the host and in the CI job that deploys: ${variable.why}${queryOf(variable)}`,
    )
  }
  for (const host of hosts) {
    for (const { name } of host.set ? variables : []) steps.push(`${host.name}: ${host.set!(name)}`)
  }
  if (names.direct !== null) {
    for (const { path, host, setsDatabaseUrl } of app.deploy) {
      if (setsDatabaseUrl && !(app.snapshot.files.get(path) ?? '').includes(names.direct)) {
        const where = host.previews ? ', for production alone' : ''
        steps.push(`${path} sets ${names.runtime} alone: add ${names.direct} beside it${where}.`)
      }
    }
  }
  return steps
}

/** What to do about the query of the string that the vendor gives. */
function queryOf({ add, remove }: PlannedHostVariable): string {
  const added = Object.entries(add).map(([name, value]) => `${name}=${value}`)
  const gone = remove.filter((name) => !(name in add))
  const parts = [
    ...(added.length > 0 ? [`with ${added.join('&')} in its query`] : []),
    ...(gone.length > 0 ? [`without ${gone.join(', ')}`] : []),
  ]
  return parts.length === 0 ? '' : ` (the vendor's string ${parts.join(', ')})`
}
