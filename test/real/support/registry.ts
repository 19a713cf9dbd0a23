import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { yarnGlobalFolder } from './package-managers.ts'
import { type Env, must } from './process.ts'
import { npmRegistry, workDir } from './work.ts'

export interface Registry {
  url: string
  /** Points Yarn and npm at this registry; lay it over an app's environment. */
  env: Env
  /** Paths asked for so far, the package's own and the proxied ones. */
  requests: string[]
  stop(): Promise<void>
}

interface Published {
  name: string
  packument: string
  tarballPath: string
  tarball: Buffer
}

/** What a registry says of a package with this one version. */
async function publish(tarballFile: string, base: string): Promise<Published> {
  const tarball = await readFile(tarballFile)
  const manifest = await must('tar', ['-xzOf', tarballFile, 'package/package.json'])
  const { name, version, ...rest } = JSON.parse(manifest.stdout)
  const tarballPath = `/${name}/-/${name.split('/').at(-1)}-${version}.tgz`
  const dist = {
    tarball: base + tarballPath,
    shasum: createHash('sha1').update(tarball).digest('hex'),
    integrity: `sha512-${createHash('sha512').update(tarball).digest('base64')}`,
  }
  const long = '2020-01-01T00:00:00.000Z'
  const packument = {
    name,
    'dist-tags': { latest: version },
    versions: { [version]: { name, version, ...rest, _id: `${name}@${version}`, dist } },
    // Old enough for package managers that hold young versions back.
    time: { created: long, modified: long, [version]: long },
  }
  return { name, packument: JSON.stringify(packument), tarballPath, tarball }
}

/**
 * Caches of this registry's own. Yarn and npm keep a version for good once they have seen it, and ours changes from
 * build to build; what Yarn has of other packages is linked, so that it is not fetched again.
 */
async function ownCaches(): Promise<{ dir: string; env: Env }> {
  await mkdir(path.join(yarnGlobalFolder, 'cache'), { recursive: true })
  const dir = await mkdtemp(path.join(workDir, 'registry-'))
  const yarn = path.join(dir, 'yarn')
  await mkdir(yarn)
  await must('cp', ['-al', path.join(yarnGlobalFolder, 'cache'), yarn])
  return { dir, env: { YARN_GLOBAL_FOLDER: yarn, npm_config_cache: path.join(dir, 'npm') } }
}

const passedOn = ['accept', 'if-none-match', 'user-agent']

async function proxy(upstream: string, base: string, request: IncomingMessage, response: ServerResponse) {
  const headers = passedOn.flatMap((name): [string, string][] => {
    const value = request.headers[name]
    return typeof value === 'string' ? [[name, value]] : []
  })
  const answer = await fetch(upstream + request.url, { headers, redirect: 'follow' })
  const type = answer.headers.get('content-type') ?? 'application/octet-stream'
  const etag = answer.headers.get('etag')
  response.writeHead(answer.status, { 'content-type': type, ...(etag ? { etag } : {}) })
  if (answer.body === null) response.end()
  // Packages must be fetched through here too, else Yarn writes the registry's address into the lockfile.
  else if (type.includes('json')) response.end((await answer.text()).replaceAll(`${upstream}/`, `${base}/`))
  else await pipeline(Readable.fromWeb(answer.body as never), response)
}

/**
 * A registry on loopback that has one package, the given tarball, under its real name, and passes every
 * other request on to the configured npm registry (which must not need a login).
 */
export async function startRegistry(tarball: string): Promise<Registry> {
  const upstream = await npmRegistry()
  const requests: string[] = []
  let base = ''
  let own: Published | undefined

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const wanted = decodeURIComponent(request.url ?? '/').replace(/\?.*$/, '')
    requests.push(wanted)
    if (request.method !== 'GET') response.writeHead(405).end()
    else if (wanted === `/${own!.name}`)
      response.writeHead(200, { 'content-type': 'application/json' }).end(own!.packument)
    else if (wanted === own!.tarballPath)
      response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(own!.tarball)
    else await proxy(upstream, base, request, response)
  }
  const server = createServer((request, response) => {
    handle(request, response).catch((error) => {
      if (!response.headersSent) response.writeHead(502)
      response.end(String(error))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(server.address() as { port: number }).port}`
  own = await publish(tarball, base)
  const caches = await ownCaches()

  return {
    url: base,
    requests,
    env: {
      ...caches.env,
      YARN_NPM_REGISTRY_SERVER: base,
      YARN_UNSAFE_HTTP_WHITELIST: '127.0.0.1',
      npm_config_registry: base,
    },
    async stop() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
      await rm(caches.dir, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}
