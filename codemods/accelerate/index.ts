import type { Edit } from '../edit.ts'
import type { Parser } from '../parse.ts'
import { sweepCommands } from './commands.ts'
import { SOURCE_TRACES, sweepSource } from './source.ts'
import type { Leftover, Swept } from './types.ts'

export type { Leftover, Swept } from './types.ts'

export interface AccelerateTraces {
  /** By path, what takes the mechanical ones out; files without any are not in it. */
  edits: Map<string, Edit[]>
  /** What is for the user to decide. */
  leftovers: ({ path: string } & Leftover)[]
}

/** Finds what only works with Accelerate in a set of files, those of {@link isSweptFile} that is. */
export function findAccelerate(
  files: ReadonlyMap<string, string>,
  parser: Parser,
  clientSource = '@prisma/client',
): AccelerateTraces {
  const edits = new Map<string, Edit[]>()
  const leftovers: AccelerateTraces['leftovers'] = []
  for (const [path, text] of files) {
    if (!isSweptFile(path)) continue
    const swept = sweepFile(text, path, clientSource, parser)
    if (swept.edits.length > 0) edits.set(path, swept.edits)
    leftovers.push(...swept.leftovers.map((leftover) => ({ path, ...leftover })))
  }
  return { edits, leftovers }
}

/** The traces in one file, by what kind of file it is. */
export function sweepFile(text: string, path: string, clientSource: string, parser: Parser): Swept {
  return isSource(path) ? sweepSource(text, path, clientSource, parser) : sweepCommands(text)
}

/** Sources, scripts of package.json, CI and deploy files; neither the db client, nor env files, nor the schema. */
export function isSweptFile(path: string): boolean {
  if (/(^|\/)\.env|^api\/src\/lib\/db(\/index)?\.[cm]?[jt]sx?$/.test(path)) return false
  return isSource(path) || /(^|\/)package\.json$/.test(path) || isCommandFile(path)
}

const COMMAND_FILES =
  /^(\.github\/workflows\/.+|\.circleci\/config|\.gitlab-ci|azure-pipelines|bitbucket-pipelines|buildspec|cloudbuild|render|(api\/)?serverless|(redwood\.)?coherence|\.do\/app|(docker-)?compose.*)\.ya?ml$|^(netlify|fly|railway|deploy)\.toml$|^(vercel|railway|flightcontrol|app)\.json$|(^|\/)(Procfile|Dockerfile[^/]*)$|\.(sh|bash)$/

function isCommandFile(path: string): boolean {
  return COMMAND_FILES.test(path)
}

function isSource(path: string): boolean {
  return /^(api\/src|scripts)\/.*\.[cm]?[jt]sx?$/.test(path)
}

/** Whether a text that would be swept has anything to sweep, so that most files need not be kept. */
export function mentionsAccelerate(text: string): boolean {
  return (
    SOURCE_TRACES.some((trace) => text.includes(trace)) ||
    /--(?:no-engine|accelerate|data-proxy)\b|PRISMA_GENERATE_/.test(text)
  )
}

const IN_USE =
  /^(?!\s*(?:#|\/\/)).*(?:prisma:\/\/|prisma\+postgres:\/\/accelerate|@prisma\/extension-accelerate|@prisma\/client\/edge)/m

/** Whether the app's packages, env files or db client show that it goes through Accelerate. */
export function usesAccelerate(files: ReadonlyMap<string, string>): boolean {
  return [...files].some(
    ([path, text]) =>
      /^(api\/)?package\.json$|^\.env(\.|$)|^api\/src\/lib\/db(\/index)?\./.test(path) &&
      !/\.(example|sample|template)$/.test(path) &&
      IN_USE.test(text),
  )
}
