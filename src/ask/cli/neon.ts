import { parseJson } from '../../base/text.ts'
import { type Flow, runCommand } from '../query.ts'
import { call, field, type Picked, pick, pickListed, readJson, shorten, succeeded, understood } from './calls.ts'
import { argumentOf, completeUrl, type Fields, fieldsOf, listOf, textOf } from './output.ts'
import type { ProviderCli } from './types.ts'

/** https://neon.com/docs/reference/neon-cli */
export const neonctl: ProviderCli = {
  program: 'neonctl',
  json: ['--output', 'json'],
  signIn: 'neonctl auth',
  signedOut: /cannot run interactive auth|authentication failed|not authenticated|\b401\b/i,
  purpose: 'look up the connection string',
  *fetch() {
    const inProject = ['--project-id', (yield* chooseProject()).id]
    const branch = (yield* chooseBranch(inProject)).id
    const { id: name, item } = yield* pickListed(neonctl, ['databases', 'list', ...inProject, '--branch', branch], {
      noun: 'database',
      id: (each) => argumentOf(each, 'owner_name') && argumentOf(each, 'name'),
      description: (each) => [`owned by ${argumentOf(each, 'owner_name')}`],
    })
    const role = argumentOf(item, 'owner_name')!
    const named = ['--role-name', role, '--database-name', name, '--pooled']
    const printed = yield* call(neonctl, ['connection-string', branch, ...inProject, ...named])
    const line = /^postgres(?:ql)?:\/\/\S+$/m.exec(printed)?.[0]
    return {
      pooled: understood(neonctl, completeUrl(line ?? null)),
      reasons: [`Connects to the database ${shorten(name)} as its owner, ${shorten(role)}.`],
    }
  },
}

const named = (noun: string) => ({
  noun,
  id: field('id'),
  title: (each: Fields) => textOf(each, 'name'),
  description: (each: Fields) => [textOf(each, 'region_id')],
})

/** Members of organizations have to name one. At a terminal the program itself would ask which. */
function* chooseProject(): Flow<Picked> {
  const reply = yield* runCommand({ argv: ['neonctl', 'projects', 'list', ...neonctl.json] })
  const projects = reply.exitCode === 0 ? projectsOf(parseJson(reply.stdout)) : null
  if (projects) return yield* pick(projects, named('Neon project'))
  if (!/organi[sz]ation|org[_-]id/i.test(`${reply.stdout}\n${reply.stderr}`)) {
    succeeded(neonctl, reply)
    return understood<Picked>(neonctl, null)
  }
  const { id } = yield* pickListed(neonctl, ['orgs', 'list'], named('Neon organization'))
  return yield* pickListed(neonctl, ['projects', 'list', '--org-id', id], named('Neon project'), projectsOf)
}

/** A plain list, or one of own projects and one of shared ones. */
function projectsOf(printed: unknown): Fields[] | null {
  const groups = fieldsOf(printed)
  if (!groups) return listOf(printed)
  const lists = Object.values(groups).map(listOf)
  return lists.length > 0 && lists.every((list) => list !== null) ? lists.flat() : null
}

function* chooseBranch(inProject: readonly string[]): Flow<Picked> {
  const branches = yield* readJson(neonctl, ['branches', 'list', ...inProject], listOf)
  const isDefault = (branch: Fields) => branch.default === true || branch.primary === true
  const sorted = branches.toSorted((a, b) => Number(isDefault(b)) - Number(isDefault(a)))
  return yield* pick(sorted, {
    ...named('branch'),
    description: (branch) => [isDefault(branch) ? 'the default branch' : null],
  })
}
