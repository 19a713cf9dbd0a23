import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Note } from '../../codemods/text/edit.ts'
import { TARGETS, type TargetName } from './db-client-targets.ts'

const ROOT = join(import.meta.dirname, 'fixtures/db-client')

/**
 * A folder holds `input.*`, and for each target that is tried on it `<target>.*` with the whole file as it should come
 * out, `<target>.unchanged`, or `<target>.refusal.json`; and `<target>.notes.json` where something is to be said.
 */
export interface Shape {
  name: string
  input: string
  /** The file's name in an app, as the extension decides on how it is parsed. */
  path: string
  cases: Case[]
}

export interface Case {
  target: TargetName
  expected: { text: string } | { unchanged: true } | { refusal: { reason: string; line?: number } }
  notes: Note[]
}

export function readShapes(): Shape[] {
  return readdirSync(ROOT).map((name) => {
    const files = readdirSync(join(ROOT, name))
    const input = files.find((file) => file.startsWith('input.'))
    if (input === undefined) {
      throw new Error(`${name} has no input file`)
    }
    const read = (file: string) => readFileSync(join(ROOT, name, file), 'utf8')
    const cases = files
      .filter((file) => file !== input && !file.endsWith('.notes.json'))
      .map((file): Case => {
        const target = file.slice(0, file.indexOf('.')) as TargetName
        if (!(target in TARGETS)) {
          throw new Error(`${name}/${file} names no target`)
        }
        const notes = files.includes(`${target}.notes.json`) ? JSON.parse(read(`${target}.notes.json`)) : []
        if (file.endsWith('.unchanged')) {
          return { target, expected: { unchanged: true }, notes }
        }
        return file.endsWith('.refusal.json')
          ? { target, expected: { refusal: JSON.parse(read(file)) }, notes }
          : { target, expected: { text: read(file) }, notes }
      })
    return { name, input: read(input), path: `api/src/lib/db.${input.split('.').at(-1)}`, cases }
  })
}
