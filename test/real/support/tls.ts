import { chmod, mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { must } from './process.ts'
import { requireFile } from './server.ts'

export interface Certificates {
  /** PEM file of the self-signed authority: what `sslrootcert` or `ssl.ca` takes. */
  ca: string
  cert: string
  key: string
}

export interface CertificateOptions {
  /** The names in the server's certificate. Default `localhost` and `127.0.0.1`. */
  names?: string[]
  /** The server's certificate ran out yesterday. */
  expired?: boolean
}

const subjectAltName = (name: string) => (/^[\d.]+$/.test(name) ? `IP:${name}` : `DNS:${name}`)

/** Makes a one-day authority and a server certificate signed by it, in `dir`. */
export async function makeCertificates(dir: string, options: CertificateOptions = {}): Promise<Certificates> {
  const openssl = requireFile('openssl', 'openssl', ['/usr/bin/openssl'])
  await mkdir(dir, { recursive: true })
  const at = (name: string) => path.join(dir, name)
  const names = options.names ?? ['localhost', '127.0.0.1']
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1']
  const run = (...args: string[]) => must(openssl, args, { cwd: dir })

  await writeFile(at('server.ext'), `subjectAltName=${names.map(subjectAltName).join(',')}\n`)
  await run('req', '-x509', ...newKey, '-subj', '/CN=Test authority', '-keyout', 'ca.key', '-out', 'ca.crt')
  await run('req', ...newKey.slice(0, -2), '-subj', `/CN=${names[0]}`, '-keyout', 'server.key', '-out', 'server.csr')
  const sign = [
    '-CA',
    'ca.crt',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-days',
    options.expired ? '-1' : '1',
    '-extfile',
    'server.ext',
  ]
  await run('x509', '-req', '-in', 'server.csr', ...sign, '-out', 'server.crt')
  await chmod(at('server.key'), 0o600)
  return { ca: at('ca.crt'), cert: at('server.crt'), key: at('server.key') }
}
