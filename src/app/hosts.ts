import type { Runtime } from '../providers/types.ts'

/** Where an app is deployed to, by the files that say so. A new host is one more entry. */
export interface Host {
  name: string
  runtime: Runtime
  /** Files that show it, relative to the app's root. */
  path: RegExp
  /** Where they are, if not in the root or in `api`. */
  folder?: string
  /** Shows that such a file is one of the host's, where its name isn't enough. */
  text?: RegExp
  /** Whether it says where the app runs: not at all, or only where nothing else does. */
  tells?: 'nothing' | 'alone'
  /** How many servers, or functions at a time: the first group is a number; without one the matches are counted. */
  instances?: RegExp
  /** How production alone gets a variable; the value is typed or pasted, never an argument. */
  set?: (name: string) => string
  /** Where pull requests are deployed too, how they are kept from migrating. `deploy` is the framework's command. */
  previews?: (deploy: string) => string
}

const OFF = '--no-prisma --no-data-migrate'

/**
 * Files and numbers: https://render.com/docs/blueprint-spec,
 * https://docs.digitalocean.com/products/app-platform/reference/app-spec/, https://fly.io/docs/reference/configuration/,
 * https://devcenter.heroku.com/articles/app-json-schema, https://docs.railway.com/reference/config-as-code,
 * https://www.flightcontrol.dev/docs/reference/config,
 * https://www.serverless.com/framework/docs/providers/aws/guide/functions
 *
 * Variables: https://docs.netlify.com/build/environment-variables/overview, https://vercel.com/docs/cli/env,
 * https://render.com/docs/environment-variables, https://docs.railway.com/reference/variables,
 * https://fly.io/docs/flyctl/secrets-import, https://devcenter.heroku.com/articles/config-vars,
 * https://cli.github.com/manual/gh_secret_set
 */
export const HOSTS: readonly Host[] = [
  {
    name: 'Netlify',
    runtime: 'serverless',
    path: /^netlify\.toml$/,
    set: (name) => `Project configuration > Environment variables > ${name}, with a value for Production alone`,
    previews: (deploy) =>
      `in netlify.toml, under [context.deploy-preview] and [context.branch-deploy], command = "${deploy} netlify ${OFF}"`,
  },
  {
    name: 'Vercel',
    runtime: 'serverless',
    path: /^vercel\.json$/,
    set: (name) => `vercel env add ${name} production`,
    previews: (deploy) =>
      `as the build command, if [ "$VERCEL_ENV" = production ]; then ${deploy} vercel; else ${deploy} vercel ${OFF}; fi`,
  },
  {
    name: 'Render',
    runtime: 'server',
    path: /^render\.yaml$/,
    instances: /^\s*(?:numInstances|maxInstances)\s*:\s*(\d+)/gm,
    set: (name) => `Render dashboard > the production service > Environment > ${name}`,
    previews: (deploy) =>
      `as the start command, if [ "$IS_PULL_REQUEST" = true ]; then ${deploy} render api ${OFF}; else ${deploy} render api; fi`,
  },
  {
    name: 'Flightcontrol',
    runtime: 'server',
    path: /^flightcontrol\.json$/,
    instances: /"maxInstances"\s*:\s*(\d+)/g,
    set: (name) => `Flightcontrol dashboard > the production environment > Environment variables > ${name}`,
  },
  {
    name: 'Fly.io',
    runtime: 'server',
    path: /^fly\.toml$/,
    instances: /^\s*min_machines_running\s*=\s*(\d+)/gm,
    set: (name) => `fly secrets import, which reads lines of NAME=value until Ctrl-D: ${name}`,
  },
  {
    name: 'Heroku',
    runtime: 'server',
    path: /^(Procfile|app\.json)$/,
    instances: /"quantity"\s*:\s*(\d+)/g,
    set: (name) => `heroku config:edit ${name}, on the production app`,
  },
  {
    name: 'your own server',
    runtime: 'server',
    path: /^deploy\.toml$/,
    instances: /^\s*\[\[\s*production\.servers\s*\]\]/gm,
  },
  {
    name: 'DigitalOcean App Platform',
    runtime: 'server',
    path: /^\.do\/app\.yaml$/,
    folder: '.do',
    instances: /^\s*-?\s*(?:max_)?instance_count\s*:\s*(\d+)/gm,
    set: (name) => `App Platform > the app > Settings > Environment variables > ${name}`,
  },
  {
    name: 'Railway',
    runtime: 'server',
    path: /^railway\.(json|toml)$/,
    instances: /(?:^\s*numReplicas\s*=|"numReplicas"\s*:)\s*(\d+)/gm,
    set: (name) => `Railway dashboard > the production environment > the service > Variables > ${name}`,
    previews: () => 'with a start command that leaves `prisma migrate deploy` out of PR environments',
  },
  {
    name: 'AWS Lambda',
    runtime: 'serverless',
    path: /^(api\/)?serverless\.ya?ml$/,
    instances: /^\s*reservedConcurrency\s*:\s*(\d+)/gm,
    set: (name) =>
      `${name} under provider.environment in serverless.yml, for the production stage, from the environment or SSM`,
  },
  { name: 'SST', runtime: 'serverless', path: /^sst\.config\.[cm]?[jt]s$/ },
  { name: 'Coherence', runtime: 'server', path: /^(redwood\.)?coherence\.yml$/ },
  { name: 'App Engine', runtime: 'server', path: /^(api\/)?app\.yaml$/, text: /^runtime\s*:/m },
  {
    name: 'PM2',
    runtime: 'server',
    path: /^ecosystem\.config\.[cm]?js$/,
    instances: /\binstances\s*:\s*["']?(\d+)/g,
    tells: 'alone',
  },
  { name: 'Docker', runtime: 'server', path: /^(api\/)?Dockerfile$/, tells: 'alone' },
  { name: 'Docker Compose', runtime: 'server', path: /^(docker-)?compose[^/]*\.ya?ml$/, tells: 'nothing' },
  {
    name: 'GitHub Actions',
    runtime: 'server',
    path: /^\.github\/workflows\/[^/]+\.ya?ml$/,
    folder: '.github/workflows',
    text: /^(?!\s*#).*\b(deploy|migrate)\b/m,
    tells: 'nothing',
    set: (name) =>
      `gh secret set ${name} --env production, and ${name}: \${{ secrets.${name} }} under env: of the job that has environment: production`,
  },
]

export const HOST_FOLDERS = HOSTS.flatMap(({ folder }) => folder ?? [])
