import { readFileSync } from 'node:fs'

declare const __VERSION__: string

/** This package's version: put in by the build, or read when the sources run as they are. */
export function ownVersion(): string {
  if (typeof __VERSION__ === 'string') return __VERSION__
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}
