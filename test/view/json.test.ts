import { describe, expect, it } from 'vitest'
import { ActionableError, EXIT } from '../../src/base/errors.ts'
import { errorToJson, printJson, toJson } from '../../src/view/json.ts'
import { aPlan, typicalPlan } from './a-plan.ts'

const app = {
  framework: 'redwood',
  version: '8.9.0',
  prisma: { version: '5.20.0', major: 5, guessed: false },
  packageManager: 'yarn',
} as const

describe('toJson', () => {
  it('is the documented document', async () => {
    const document = await toJson({
      command: 'pooling',
      status: 'applied',
      app,
      provider: 'supabase',
      plan: typicalPlan(),
      commands: ['done', 'failed'],
    })
    await expect(printJson(document)).toMatchFileSnapshot('golden/json.txt')
  })

  it('has no files when nothing changes', async () => {
    const document = await toJson({
      command: 'pooling',
      status: 'unchanged',
      app,
      provider: 'neon',
      plan: aPlan(),
    })
    expect(document).toEqual({
      schemaVersion: 1,
      command: 'pooling',
      status: 'unchanged',
      app: { framework: 'redwood', version: '8.9.0', prisma: '5.20.0', packageManager: 'yarn' },
      provider: 'neon',
      files: [],
      env: [],
      packages: { add: [], remove: [] },
      commands: [],
      hostEnv: [],
      warnings: [],
      refusals: [],
      next: [],
    })
  })
})

describe('errorToJson', () => {
  const mask = (text: string) => text.replaceAll('hunter2', '***')

  it('says what was refused and how to fix it', () => {
    const error = new ActionableError('POOLING_DATABASE_URL is missing', {
      code: 'missing-pooled',
      fix: 'export POOLING_DATABASE_URL',
      exitCode: EXIT.usage,
    })
    expect(errorToJson('pooling', error, mask)).toMatchObject({
      status: 'refused',
      error: { code: 'missing-pooled', message: 'POOLING_DATABASE_URL is missing' },
      next: ['export POOLING_DATABASE_URL'],
    })
  })

  it('keeps the text of an unexpected error to itself', () => {
    const document = errorToJson('pooling', new TypeError('Invalid URL postgres://u:hunter2@h'), mask)
    expect(document).toMatchObject({ status: 'failed', error: { code: 'unexpected' } })
    expect(JSON.stringify(document)).not.toContain('Invalid URL')
  })
})

describe('printJson', () => {
  it('is valid JSON that no terminal obeys', async () => {
    const warnings = [{ code: 'x', message: 'a\u001b[2J\u009b2J\u202eb' }]
    const document = await toJson({
      command: 'pooling',
      status: 'planned',
      app,
      provider: null,
      plan: aPlan({ warnings }),
    })
    const text = printJson(document)
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
    expect(JSON.parse(text)).toEqual(document)
  })
})
