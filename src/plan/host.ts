import type { App } from '../app/app.ts'
import { frameworkCommand, spell } from '../app/commands.ts'
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

interface Host {
  /** How production alone gets a variable; the value is typed or pasted, never an argument. */
  set: (name: string) => string
  /** Where pull requests are deployed too, how they are kept from migrating. `deploy` is the framework's command. */
  previews?: (deploy: string) => string
}

const OFF = '--no-prisma --no-data-migrate'

/**
 * https://docs.netlify.com/build/environment-variables/overview, https://vercel.com/docs/cli/env,
 * https://render.com/docs/environment-variables, https://docs.railway.com/reference/variables,
 * https://fly.io/docs/flyctl/secrets-import, https://devcenter.heroku.com/articles/config-vars,
 * https://cli.github.com/manual/gh_secret_set
 */
const HOSTS: Record<string, Host> = {
  Netlify: {
    set: (name) =>
      `Project configuration > Environment variables > ${name}, with a value for Production alone`,
    previews: (deploy) =>
      `in netlify.toml, under [context.deploy-preview] and [context.branch-deploy], command = "${deploy} netlify ${OFF}"`,
  },
  Vercel: {
    set: (name) => `vercel env add ${name} production`,
    previews: (deploy) =>
      `as the build command, if [ "$VERCEL_ENV" = production ]; then ${deploy} vercel; else ${deploy} vercel ${OFF}; fi`,
  },
  Render: {
    set: (name) => `Render dashboard > the production service > Environment > ${name}`,
    previews: (deploy) =>
      `as the start command, if [ "$IS_PULL_REQUEST" = true ]; then ${deploy} render api ${OFF}; else ${deploy} render api; fi`,
  },
  Flightcontrol: {
    set: (name) => `Flightcontrol dashboard > the production environment > Environment variables > ${name}`,
  },
  'Fly.io': { set: (name) => `fly secrets import, which reads lines of NAME=value until Ctrl-D: ${name}` },
  Railway: {
    set: (name) => `Railway dashboard > the production environment > the service > Variables > ${name}`,
    previews: () => 'with a start command that leaves `prisma migrate deploy` out of PR environments',
  },
  'DigitalOcean App Platform': {
    set: (name) => `App Platform > the app > Settings > Environment variables > ${name}`,
  },
  Heroku: { set: (name) => `heroku config:edit ${name}, on the production app` },
  'AWS Lambda': {
    set: (name) =>
      `${name} under provider.environment in serverless.yml, for the production stage, from the environment or SSM`,
  },
  'GitHub Actions': {
    set: (name) =>
      `gh secret set ${name} --env production, and ${name}: \${{ secrets.${name} }} under env: of the job that has environment: production`,
  },
}

/** What is left for the user to do outside of this machine, most urgent first. */
export function hostSteps(app: App, variables: readonly HostVariable[], names: Names): string[] {
  if (variables.length === 0) return []
  const hosts = [...new Set(app.deploy.map(({ host }) => host))].filter((host) => host in HOSTS)
  const own = variables.map(({ name }) => name).join(' and ')
  const steps = hosts.flatMap((host) => {
    const off = HOSTS[host]!.previews?.(spell(frameworkCommand(app, 'deploy')))
    if (!off) return []
    return [
      `Previews on ${host} migrate whatever database they get: first restrict ${names.runtime} to production there, or replace it in previews.`,
      `Then give previews ${own} of a database of their own, or turn migrations off there: ${off}`,
    ]
  })
  for (const { name, why } of variables) {
    steps.push(
      `Before the next deploy, set ${name} for production alone, on the host and in the CI job that deploys: ${why}`,
    )
  }
  for (const host of hosts) {
    for (const { name } of variables) steps.push(`${host}: ${HOSTS[host]!.set(name)}`)
  }
  if (names.direct !== null) {
    for (const { path, host, setsDatabaseUrl } of app.deploy) {
      if (setsDatabaseUrl && !(app.snapshot.files.get(path) ?? '').includes(names.direct)) {
        const where = HOSTS[host]?.previews ? ', for production alone' : ''
        steps.push(`${path} sets ${names.runtime} alone: add ${names.direct} beside it${where}.`)
      }
    }
  }
  return steps
}
