import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Note } from '../../codemods/text/edit.ts'
import { CONFIG_TARGETS, type ConfigTargetName } from './prisma-config-targets.ts'

const ROOT = join(import.meta.dirname, 'fixtures/prisma-config')

/** Laid out like the fixtures of the client; see db-client-fixtures.ts. */
export interface ConfigFixture {
  name: string
  input: string
  path: string
  cases: {
    target: ConfigTargetName
    expected: { text: string } | { unchanged: true } | { refusal: { reason: string; line?: number } }
    notes: Note[]
  }[]
}

export function readConfigs(): ConfigFixture[] {
  return readdirSync(ROOT).map((name) => {
    const files = readdirSync(join(ROOT, name))
    const input = files.find((file) => file.startsWith('input.'))!
    const read = (file: string) => readFileSync(join(ROOT, name, file), 'utf8')
    const results = files.filter((file) => file !== input && !file.endsWith('.notes.json'))
    return {
      name,
      input: read(input),
      path: `api/prisma.config.${input.split('.').at(-1)}`,
      cases: results.map((file) => {
        const target = file.slice(0, file.indexOf('.')) as ConfigTargetName
        if (!(target in CONFIG_TARGETS)) {
          throw new Error(`${name}/${file} names no target`)
        }
        const notes = files.includes(`${target}.notes.json`) ? JSON.parse(read(`${target}.notes.json`)) : []
        const expected = file.endsWith('.unchanged')
          ? { unchanged: true as const }
          : file.endsWith('.refusal.json')
            ? { refusal: JSON.parse(read(file)) }
            : { text: read(file) }
        return { target, expected, notes }
      }),
    }
  })
}
