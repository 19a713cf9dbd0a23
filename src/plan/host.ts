import type { App } from '../app/app.ts'
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

/** How a value is given to a host; the value itself is typed at the host's own prompt wherever there is one. */
const HOST_COMMANDS: Record<string, (name: string) => string> = {
  Netlify: (name) => `netlify env:set ${name} "<value>"`,
  Vercel: (name) => `vercel env add ${name} production`,
  Render: (name) => `Render dashboard > the service > Environment > ${name}`,
  Flightcontrol: (name) => `Flightcontrol dashboard > the environment > Environment variables > ${name}`,
  'Fly.io': (name) => `fly secrets set ${name}="<value>"`,
  Railway: (name) => `Railway dashboard > the service > Variables > ${name}`,
  'DigitalOcean App Platform': (name) =>
    `App Platform > the app > Settings > Environment variables > ${name}`,
  Heroku: (name) => `heroku config:set ${name}="<value>"`,
  'AWS Lambda': (name) => `${name} under provider.environment in serverless.yml, from the environment or SSM`,
  'GitHub Actions': (name) =>
    `gh secret set ${name}, and ${name}: \${{ secrets.${name} }} under env: of the job`,
}

/** What is left for the user to do outside of this machine, most urgent first. */
export function hostSteps(app: App, variables: readonly HostVariable[], names: Names): string[] {
  if (variables.length === 0) return []
  const hosts = [...new Set(app.deploy.map(({ host }) => host))].filter((host) => host in HOST_COMMANDS)
  const steps = variables.map(
    ({ name, why }) => `Before the next deploy, set ${name} on the host and in CI: ${why}`,
  )
  for (const host of hosts) {
    for (const { name } of variables) steps.push(`${host}: ${HOST_COMMANDS[host]!(name)}`)
  }
  if (names.direct !== null) {
    for (const { path, setsDatabaseUrl } of app.deploy) {
      if (setsDatabaseUrl && !(app.snapshot.files.get(path) ?? '').includes(names.direct)) {
        steps.push(`${path} sets ${names.runtime} alone: add ${names.direct} beside it.`)
      }
    }
  }
  return steps
}
