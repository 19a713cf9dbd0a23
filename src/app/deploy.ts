import type { Runtime } from '../providers/types.ts'

/** A file that tells where the app is deployed. */
export interface DeployFile {
  path: string
  host: string
  runtime: Runtime
  /** Whether it sets `DATABASE_URL` itself, so that a new direct variable has to be added beside it. */
  setsDatabaseUrl: boolean
}

const KNOWN: { path: RegExp; host: string; runtime: Runtime }[] = [
  { path: /^netlify\.toml$/, host: 'Netlify', runtime: 'serverless' },
  { path: /^vercel\.json$/, host: 'Vercel', runtime: 'serverless' },
  { path: /^(api\/)?serverless\.yml$/, host: 'AWS Lambda', runtime: 'serverless' },
  { path: /^render\.yaml$/, host: 'Render', runtime: 'server' },
  { path: /^flightcontrol\.json$/, host: 'Flightcontrol', runtime: 'server' },
  { path: /^fly\.toml$/, host: 'Fly.io', runtime: 'server' },
  { path: /^railway\.(json|toml)$/, host: 'Railway', runtime: 'server' },
  { path: /^\.do\/app\.yaml$/, host: 'DigitalOcean App Platform', runtime: 'server' },
  { path: /^(Procfile|app\.json)$/, host: 'Heroku', runtime: 'server' },
  { path: /^(redwood\.)?coherence\.yml$/, host: 'Coherence', runtime: 'server' },
  { path: /^deploy\.toml$/, host: 'your own server', runtime: 'server' },
  { path: /^(Dockerfile|(docker-)?compose.*\.ya?ml)$/, host: 'Docker', runtime: 'server' },
  { path: /^\.github\/workflows\//, host: 'GitHub Actions', runtime: 'server' },
]

export function deployFiles(files: ReadonlyMap<string, string>): DeployFile[] {
  return [...files].flatMap(([path, text]) => {
    const known = KNOWN.find((candidate) => candidate.path.test(path))
    if (!known) return []
    // TEST_DATABASE_URL is another variable, and a commented line sets nothing.
    const setsDatabaseUrl = /^(?!\s*(#|\/\/)).*(?<![A-Z_])DATABASE_URL(?![A-Z_])/m.test(text)
    return [{ path, host: known.host, runtime: known.runtime, setsDatabaseUrl }]
  })
}

/** What the deploy files imply, or null when they say nothing or disagree. Workflows and Docker run anywhere. */
export function runtimeOf(deploy: readonly DeployFile[]): Runtime | null {
  const telling = deploy.filter(({ host }) => host !== 'GitHub Actions' && host !== 'Docker')
  const runtimes = new Set(telling.map(({ runtime }) => runtime))
  return runtimes.size === 1 ? [...runtimes][0]! : null
}

/** How much of the api side runs, as a deploy file says. */
export interface Scale {
  /** The file that says so. */
  path: string
  /** Servers, or functions at a time: the most that there may be. */
  instances?: number
  /** Of one server. */
  cpus?: number
}

interface Counter {
  path: RegExp
  /** The first group is a number; without groups the matches themselves are counted. */
  instances: RegExp
  cpus?: RegExp
}

/**
 * https://render.com/docs/blueprint-spec, https://docs.digitalocean.com/products/app-platform/reference/app-spec/,
 * https://fly.io/docs/reference/configuration/, https://devcenter.heroku.com/articles/app-json-schema,
 * https://docs.railway.com/reference/config-as-code, https://www.flightcontrol.dev/docs/reference/config,
 * https://www.serverless.com/framework/docs/providers/aws/guide/functions
 */
const COUNTERS: readonly Counter[] = [
  { path: /^render\.yaml$/, instances: /^\s*(?:numInstances|maxInstances)\s*:\s*(\d+)/gm },
  { path: /^\.do\/app\.yaml$/, instances: /^\s*-?\s*(?:max_)?instance_count\s*:\s*(\d+)/gm },
  {
    path: /^fly\.toml$/,
    instances: /^\s*min_machines_running\s*=\s*(\d+)/gm,
    cpus: /^\s*cpus\s*=\s*(\d+)/gm,
  },
  { path: /^app\.json$/, instances: /"quantity"\s*:\s*(\d+)/g },
  { path: /^railway\.json$/, instances: /"numReplicas"\s*:\s*(\d+)/g },
  { path: /^railway\.toml$/, instances: /^\s*numReplicas\s*=\s*(\d+)/gm },
  {
    path: /^flightcontrol\.json$/,
    instances: /"maxInstances"\s*:\s*(\d+)/g,
    cpus: /"cpu"\s*:\s*(\d+)/g,
  },
  { path: /^(api\/)?serverless\.yml$/, instances: /^\s*reservedConcurrency\s*:\s*(\d+)/gm },
  { path: /^deploy\.toml$/, instances: /^\s*\[\[\s*production\.servers\s*\]\]/gm },
]

/** What the deploy files say about numbers, or null when they say nothing. Only ever a default, to be overruled. */
export function scaleOf(files: ReadonlyMap<string, string>): Scale | null {
  for (const [path, text] of files) {
    const counter = COUNTERS.find((each) => each.path.test(path))
    const instances = counter && most(text, counter.instances)
    const cpus = counter?.cpus && most(text, counter.cpus)
    if (instances || cpus) return { path, ...(instances ? { instances } : {}), ...(cpus ? { cpus } : {}) }
  }
  return null
}

function most(text: string, pattern: RegExp): number {
  const matches = [...text.matchAll(pattern)]
  const isCounted = matches.every(([, number]) => number === undefined)
  return isCounted ? matches.length : Math.max(...matches.map(([, number]) => Number(number)))
}
