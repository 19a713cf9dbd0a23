import process from 'node:process'
import { askAnswers } from '../../../src/ask/answers.ts'
import { ActionableError } from '../../../src/base/errors.ts'
import { processTerminal } from '../../../src/base/terminal.ts'

/** The questions alone, as a program of their own: prints what was decided, without its secrets. */
try {
  const answers = await askAnswers(
    { flags: {}, env: process.env },
    {
      kind: 'sqlite',
      today: new Date('2026-11-22T10:00:00Z'),
      invocation: 'yarn rw setup pooling',
      testCommand: 'yarn rw test',
    },
    processTerminal(),
  )
  const { provider, pooled, direct, envFile, sizing } = answers
  const read = [pooled, direct].map((url) => `${url?.hosts[0]?.port}, password of ${url?.password?.length}`)
  process.stdout.write(`${JSON.stringify({ provider, read, envFile, sizing })}\n`)
} catch (error) {
  if (!(error instanceof ActionableError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = error.exitCode
}
