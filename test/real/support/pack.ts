import path from 'node:path'
import { must } from './process.ts'
import { cached, repoRoot } from './work.ts'

/** Set once per test run by the global setup, so that all workers share one build. */
const runId = () => process.env.POOLING_TEST_RUN ?? String(process.pid)

/** Builds this package and packs it as `npm publish` would; returns the tarball's path. Once per test run. */
export async function packCli(): Promise<string> {
  const dir = await cached(`pack/${runId()}`, async (into) => {
    await must('npm', ['run', 'build'], { cwd: repoRoot })
    await must('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', into], { cwd: repoRoot })
    await must('sh', ['-c', 'mv ./*.tgz package.tgz'], { cwd: into })
  })
  return path.join(dir, 'package.tgz')
}
