import { isEnvFile, isLoadedEnvFile } from '../env/files.ts'

/** Sources, scripts of package.json, CI and deploy files; neither the db client, nor env files, nor the schema. */
export function isSweptFile(path: string): boolean {
  if (isEnvFile(path) || /^api\/src\/lib\/db(\/index)?\.[cm]?[jt]sx?$/.test(path)) return false
  return isSource(path) || /(^|\/)package\.json$/.test(path) || COMMAND_FILES.test(path)
}

const COMMAND_FILES =
  /^(\.github\/workflows\/.+|\.circleci\/config|\.gitlab-ci|azure-pipelines|bitbucket-pipelines|buildspec|cloudbuild|render|(api\/)?serverless|(redwood\.)?coherence|\.do\/app|(docker-)?compose.*)\.ya?ml$|^(netlify|fly|railway|deploy)\.toml$|^(vercel|railway|flightcontrol|app)\.json$|^sst\.config\.[cm]?[jt]s$|(^|\/)(Procfile|Dockerfile[^/]*)$|\.(sh|bash)$/

export function isSource(path: string): boolean {
  return /^(api\/src|scripts)\/.*\.[cm]?[jt]sx?$/.test(path)
}

/** Whether a text that would be swept has anything to sweep, so that most files need not be kept. */
export function mentionsAccelerate(text: string): boolean {
  return (
    SOURCE_TRACES.some((trace) => text.includes(trace)) ||
    /--(?:no-engine|accelerate|data-proxy)\b|PRISMA_GENERATE_|ACCELERATE_/.test(text)
  )
}

export const ACCELERATE_URL = /prisma:\/\/|prisma\+postgres:\/\/accelerate/

const IN_USE =
  /^(?!\s*(?:#|\/\/)).*(?:prisma:\/\/|prisma\+postgres:\/\/accelerate|@prisma\/extension-accelerate|@prisma\/client\/edge)/m

/** Whether the app's packages, env files or db client show that it goes through Accelerate. */
export function usesAccelerate(files: ReadonlyMap<string, string>): boolean {
  return [...files].some(
    ([path, text]) =>
      (isLoadedEnvFile(path) || /^(api\/)?package\.json$|^api\/src\/lib\/db(\/index)?\./.test(path)) &&
      IN_USE.test(text),
  )
}

/** Words without which a source file has nothing to do with Accelerate. */
export const SOURCE_TRACES = [
  '@prisma/extension-accelerate',
  'withAccelerate',
  'accelerateUrl',
  'cacheStrategy',
  '$accelerate',
  '/edge',
  'prisma://',
  'prisma+postgres://accelerate',
] as const
