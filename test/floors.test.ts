import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '..')
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')

const files = ['src', 'codemods'].flatMap((top) =>
  readdirSync(join(ROOT, top), { recursive: true, encoding: 'utf8' })
    .filter((path) => /(?<!\.d)\.ts$/.test(path))
    .map((path) => posix.join(top, path)),
)

/** The modules that each file imports, types and dynamic imports included; tsc sees to it that they exist. */
const imports = new Map(
  files.map((file) => {
    const paths = [...read(file).matchAll(/(?:\bfrom |\bimport |\bimport\()'(\.[^']+)'/g)].map(([, path]) =>
      posix.join(posix.dirname(file), path!),
    )
    return [file, paths.filter((path) => files.includes(path))]
  }),
)

/** Folders by floor, the doors' first. */
const floors = readFloors(read('CONTRIBUTING.md'))

function readFloors(text: string): string[][] {
  const lines = /## The house\n+```\n(.*?)\n```/s.exec(text)![1]!.split('\n')
  return lines.flatMap((line, index) => {
    if (index === 0) return [['src']]
    const [, folders, rest] = /^((?:[a-z]+\/ *)+)(.*)/.exec(line)!
    if (!folders!.startsWith('codemods/')) return [folders!.match(/[a-z]+/g)!.map((name) => `src/${name}`)]
    const names = rest!.split(':')[0]!.split(' ')
    return names.reverse().map((name) => [`codemods/${name}`])
  })
}

function folderOf(file: string): string {
  return file.split('/').slice(0, -1).slice(0, 2).join('/')
}

it('every folder stands on a floor', () => {
  expect([...new Set(files.map(folderOf))].sort()).toEqual(floors.flat().sort())
})

it('every import stays within its folder or goes down', () => {
  const floorOf = (file: string) => floors.findIndex((folders) => folders.includes(folderOf(file)))
  const wrong = [...imports].flatMap(([from, paths]) =>
    paths
      .filter((to) => folderOf(to) !== folderOf(from) && floorOf(to) <= floorOf(from))
      .map((to) => `${from} imports ${to}`),
  )
  expect(wrong).toEqual([])
})

it('no file imports itself through others', () => {
  const done = new Set<string>()
  const circles: string[] = []
  const visit = (file: string, above: string[]) => {
    if (above.includes(file)) circles.push([...above.slice(above.indexOf(file)), file].join(' -> '))
    if (done.has(file) || above.includes(file)) return
    for (const path of imports.get(file)!) visit(path, [...above, file])
    done.add(file)
  }
  for (const file of files) visit(file, [])
  expect(circles).toEqual([])
})
