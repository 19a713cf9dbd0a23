import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readTables, shapesOf } from './fixture-files.ts'

const OPTIONS = {
  noEmit: true,
  allowJs: true,
  checkJs: true,
  noImplicitAny: false,
  strictNullChecks: true,
  module: 'esnext',
  moduleResolution: 'bundler',
  moduleDetection: 'force',
  target: 'es2022',
  lib: ['es2023'],
  types: [],
  skipLibCheck: true,
}

/** Shapes that are no TypeScript, or whose own code is not well typed. */
const UNTYPED = ['does-not-parse', 'flow-annotated']
const typed = readTables('db-client').filter(({ name }) => !UNTYPED.includes(name))

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pooling-types-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function typeErrors(part: 'input' | 'output'): string[] {
  const root = join(folder, part)
  mkdirSync(root)
  copyFileSync(join(import.meta.dirname, 'fixtures/db-client-shims.d.ts'), join(root, 'shims.d.ts'))
  writeFileSync(join(root, 'tsconfig.json'), JSON.stringify({ compilerOptions: OPTIONS, include: ['*'] }))
  for (const fixture of part === 'input' ? shapesOf(typed) : typed) {
    const { name, path, want } = fixture
    const text = fixture[part]
    if (text !== null) writeFileSync(join(root, `${name}-${want}${extname(path)}`), text)
  }
  try {
    const tsc = join(import.meta.dirname, '../../node_modules/typescript/bin/tsc')
    execFileSync(process.execPath, [tsc, '-p', root, '--pretty', 'false'], { cwd: root, encoding: 'utf8' })
    return []
  } catch (error) {
    const { stdout } = error as { stdout: string }
    return stdout.split('\n').filter((line) => line.includes('error TS'))
  }
}

it('the shapes are well typed as they are found', () => {
  expect(typeErrors('input')).toEqual([])
})

/** Among other things: every name is declared, and before it is used. */
it('and as they come out', () => {
  expect(typeErrors('output')).toEqual([])
})
