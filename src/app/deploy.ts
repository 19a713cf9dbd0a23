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
