import { copyEntry } from '../../codemods/manifests/deploy-entry.ts'
import type { App } from '../app/app.ts'
import type { PlanDraft } from './draft.ts'
import type { Names } from './names.ts'

/** Where a deploy file hands the runtime's variable on by its name, it hands the direct one on beside it. */
export async function planDeployFiles(draft: PlanDraft, { deploy }: App, { runtime, direct, givenByHost }: Names) {
  if (direct === null || givenByHost) return
  for (const { path, databaseUrl } of deploy) {
    const text = draft.text(path) ?? ''
    if (databaseUrl?.from !== 'outside' || !/\.ya?ml$/.test(path) || text.includes(direct)) continue
    const copied = await copyEntry(text, runtime, direct)
    draft.edit(path, () => copied)
  }
}
