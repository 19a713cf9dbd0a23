import { type Flow, runCommand } from '../query.ts'
import { call, callForJson, explainFailure, pick, shorten, understood } from './calls.ts'
import { argumentOf, completeUrl, type Fields, fieldsOf, listOf, parseJson, textOf } from './output.ts'
import type { Program, ProviderCli } from './types.ts'

const NEONCTL: Program = {
  program: 'neonctl',
  signIn: 'neonctl auth',
  signedOut: /cannot run interactive auth|authentication failed|not authenticated|\b401\b/i,
}

const JSON_OUTPUT = ['--output', 'json']

/** https://neon.com/docs/reference/neon-cli */
export const neonctl: ProviderCli = {
  ...NEONCTL,
  purpose: 'look up the connection string',
  *fetch() {
    const project = yield* chooseProject()
    if (project === null) return null
    const inProject = ['--project-id', project]
    const branch = yield* chooseBranch(inProject)
    if (branch === null) return null
    const database = yield* chooseDatabase([...inProject, '--branch', branch])
    if (!database) return null
    const role = argumentOf(database, 'owner_name')!
    const name = argumentOf(database, 'name')!
    const named = ['--role-name', role, '--database-name', name, '--pooled']
    const reply = yield* call(NEONCTL, 'connection-string', branch, ...inProject, ...named)
    const line = reply && /^postgres(?:ql)?:\/\/\S+$/m.exec(reply.stdout)?.[0]
    const pooled = reply && (yield* understood(NEONCTL, completeUrl(line ?? null)))
    return pooled === null
      ? null
      : { pooled, reasons: [`Connects to the database ${shorten(name)} as its owner, ${shorten(role)}.`] }
  },
}

/** Whoever belongs to organizations has to name one. Where it could, the program would ask which. */
function* chooseProject(): Flow<string | null> {
  const reply = yield* runCommand({ argv: ['neonctl', 'projects', 'list', ...JSON_OUTPUT] })
  if (!reply) return null
  const projects = reply.exitCode === 0 ? projectsOf(parseJson(reply.stdout)) : null
  if (projects) return yield* pickId(projects, 'Neon project')
  if (!/organi[sz]ation|org[_-]id/i.test(`${reply.stdout}\n${reply.stderr}`)) {
    if (reply.exitCode === 0) yield* understood(NEONCTL, null)
    else yield* explainFailure(NEONCTL, reply)
    return null
  }
  const organizations = yield* callForJson(NEONCTL, ['orgs', 'list', ...JSON_OUTPUT], listOf)
  const organization = organizations && (yield* pickId(organizations, 'Neon organization'))
  if (organization === null) return null
  const args = ['projects', 'list', '--org-id', organization, ...JSON_OUTPUT]
  const own = yield* callForJson(NEONCTL, args, projectsOf)
  return own && (yield* pickId(own, 'Neon project'))
}

/** A plain list, or one for the own projects and one for those that others share. */
function projectsOf(printed: unknown): Fields[] | null {
  const groups = fieldsOf(printed)
  if (!groups) return listOf(printed)
  const lists = Object.values(groups).map(listOf)
  return lists.length > 0 && lists.every((list) => list !== null) ? lists.flat() : null
}

function* chooseBranch(inProject: readonly string[]): Flow<string | null> {
  const args = ['branches', 'list', ...inProject, ...JSON_OUTPUT]
  const branches = yield* callForJson(NEONCTL, args, listOf)
  if (!branches) return null
  const isDefault = (branch: Fields) => branch.default === true || branch.primary === true
  const sorted = branches.toSorted((a, b) => Number(isDefault(b)) - Number(isDefault(a)))
  return yield* pickId(sorted, 'branch', (branch) => (isDefault(branch) ? 'the default branch' : ''))
}

function* chooseDatabase(where: readonly string[]): Flow<Fields | null> {
  const databases = yield* callForJson(NEONCTL, ['databases', 'list', ...where, ...JSON_OUTPUT], listOf)
  if (!databases) return null
  const named = databases.filter((each) => argumentOf(each, 'name') && argumentOf(each, 'owner_name'))
  return yield* pick(named, {
    noun: 'database',
    title: (each) => argumentOf(each, 'name')!,
    description: (each) => `owned by ${argumentOf(each, 'owner_name')}`,
  })
}

function* pickId(
  items: readonly Fields[],
  noun: string,
  description = (item: Fields) => textOf(item, 'region_id') ?? '',
): Flow<string | null> {
  const usable = items.filter((item) => argumentOf(item, 'id') !== null)
  const title = (item: Fields) => textOf(item, 'name') ?? argumentOf(item, 'id')!
  const chosen = yield* pick(usable, { noun, title, description })
  return chosen && argumentOf(chosen, 'id')
}
