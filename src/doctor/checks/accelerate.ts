import { sweepCommands } from '../../../codemods/accelerate/commands.ts'
import { isSource, isSweptFile, usesAccelerate } from '../../../codemods/accelerate/in-use.ts'
import { tracesIn } from '../../../codemods/accelerate/source.ts'
import { lineAt } from '../../../codemods/text/edit.ts'
import { providerOf } from '../../providers/index.ts'
import type { Facts, FilesCheck, Found, SourceCheck } from '../types.ts'

/** https://www.prisma.io/docs/postgres/database/switch-from-accelerate */
const { date } = providerOf('accelerate').retirement!

/** One finding in each place, since all of them have to go by the same day. */
const ACCELERATE = {
  code: 'accelerate',
  title: 'The app uses Prisma Accelerate',
  why: `Prisma switches it off on ${date}.`,
  fix: 'Run `pooling` with the name of another provider: it takes Accelerate out of the whole app.',
  seen: [/P6\d{3}/, /planLimitReached/],
}

export const accelerateInFiles: FilesCheck = {
  ...ACCELERATE,
  run: (facts) => [...inUrls(facts), ...inPackages(facts), ...inCommands(facts)],
}

export const accelerateInSources: SourceCheck = {
  ...ACCELERATE,
  // The first is in everything that Accelerate's URLs, package and methods are called.
  mentions: ['ccelerate', 'client/edge', 'cacheStrategy'],
  run: ({ path, scan }, facts) =>
    tracesIn(scan)
      // Other libraries have cache strategies too.
      .filter(({ what }) => what !== '`cacheStrategy`' || usesAccelerate(facts.app.snapshot.files))
      .map(({ line, what }) => found(facts, path, line, what)),
}

function inUrls(facts: Facts): Found[] {
  return facts.urls
    .filter(({ recognised }) => recognised?.provider === 'accelerate')
    .map(({ name, path, line }) => found(facts, path, line, `${name}, an Accelerate URL,`))
}

function inPackages(facts: Facts): Found[] {
  return ['package.json', 'api/package.json'].flatMap((path) => {
    const text = facts.app.snapshot.files.get(path) ?? ''
    const at = text.indexOf('"@prisma/extension-accelerate"')
    return at === -1 ? [] : [found(facts, path, lineAt(text, at), '`@prisma/extension-accelerate`')]
  })
}

function inCommands(facts: Facts): Found[] {
  return [...facts.app.snapshot.files].flatMap(([path, text]) => {
    if (!isSweptFile(path) || isSource(path)) return []
    const { edits, leftovers } = sweepCommands(text)
    const flags = edits.map(({ start, end }) => ({
      line: lineAt(text, start),
      what: `\`${text.slice(start, end).trim()}\``,
    }))
    return [...flags, ...leftovers].map(({ line, what }) => found(facts, path, line, what))
  })
}

function found({ today }: Facts, path: string, line: number, what: string): Found {
  const isOver = today >= new Date(date)
  return {
    severity: isOver ? 'error' : 'warning',
    path,
    line,
    detail: `${what} only works with Accelerate.`,
    why: isOver ? `Prisma switched it off on ${date}.` : undefined,
  }
}
