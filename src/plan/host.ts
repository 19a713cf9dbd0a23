import type { App } from '../app/app.ts'
import { frameworkCommand } from '../app/commands.ts'
import { spell } from '../base/shell.ts'
import type { Target } from '../providers/types.ts'
import type { Names } from './names.ts'

export interface HostVariable {
  name: string
  why: string
}

/** Every variable that the app needs where it is built and where it runs. Migrations fail first, so theirs leads. */
export function hostVariables(names: Names, target: Target): HostVariable[] {
  const own: HostVariable[] = [
    ...(names.direct === null ? [] : [{ name: names.direct, why: '`migrate deploy` fails without it' }]),
    ...(target.poolVariable === null
      ? [{ name: names.runtime, why: 'the URL that the app connects with' }]
      : []),
    ...(names.replicas === null
      ? []
      : [{ name: names.replicas, why: 'without it, every query goes to the primary' }]),
  ]
  const byName = new Map([...own, ...target.hostEnv].map((variable) => [variable.name, variable]))
  return [...byName.values()]
}

/** What is left for the user to do outside of this machine, most urgent first. */
export function hostSteps(app: App, variables: readonly HostVariable[], names: Names): string[] {
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
  for (const { name, why } of variables) {
    steps.push(
      `Before the next deploy, set ${name} for production alone, on the host and in the CI job that deploys: ${why}`,
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
