import { join } from 'node:path'
import { isSweptFile, mentionsAccelerate } from '../../codemods/accelerate/in-use.ts'
import { textOrEmpty } from '../base/regular-file.ts'
import { list } from './snapshot.ts'

const FOLDERS = ['api/src', 'scripts', '.github/workflows']
const FILES = [
  '.circleci/config.yml',
  '.gitlab-ci.yml',
  'azure-pipelines.yml',
  'bitbucket-pipelines.yml',
  'buildspec.yml',
  'cloudbuild.yaml',
  'api/Dockerfile',
  'web/Dockerfile',
]

/** Files of an app on Accelerate that say so, beyond those that are read of every app. */
export function accelerateTraces(root: string): string[] {
  const below = FOLDERS.flatMap((folder) => list(root, folder, true).filter(isSweptFile))
  return [...below, ...FILES].filter((path) => mentionsAccelerate(textOrEmpty(join(root, path))))
}
