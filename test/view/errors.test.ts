import { describe, expect, it } from 'vitest'
import { ActionableError, EXIT } from '../../src/base/errors.ts'
import { exitCodeOf, renderError } from '../../src/view/errors.ts'

const mask = (text: string) => text.replaceAll('hunter2', '***')
const QUIET = { color: false, columns: 80, verbose: false, mask }

describe('renderError', () => {
  const error = new ActionableError('api/db/schema.prisma has no datasource', {
    code: 'no-datasource',
    fix: 'datasource db {\n  provider = "postgresql"\n}',
  })

  it('says what is wrong and what fixes it', () => {
    expect(renderError(error, QUIET)).toBe(
      'Error: api/db/schema.prisma has no datasource\n\ndatasource db {\n  provider = "postgresql"\n}\n',
    )
  })

  it('has a stack only when asked for one', () => {
    expect(renderError(error, QUIET)).not.toContain('errors.test.ts')
    expect(renderError(error, { ...QUIET, verbose: true })).toContain('errors.test.ts')
  })

  it('says nothing of an unexpected error but how to see it', () => {
    expect(renderError(new TypeError('Invalid URL: postgres://u:hunter2@h'), QUIET)).toBe(
      'Error: something unexpected went wrong in this program. Run the command again\nwith --verbose and report what it prints.\n',
    )
  })

  it('masks what a dependency quotes, in causes too', () => {
    const cause = new TypeError('Invalid URL: postgres://u:hunter2@h')
    const text = renderError(new Error('could not hunter2', { cause }), { ...QUIET, verbose: true })
    expect(text).toContain('Invalid URL: postgres://u:***@h')
    expect(text).not.toContain('hunter2')
  })

  it('leaves out what a parser quotes of a file', () => {
    for (const text of ['hunter3 or so', '{ "a": "hunter3", "b" }', `{ "a": 1 ${'x'.repeat(99)}hunter3 }`]) {
      const cause = (() => {
        try {
          return JSON.parse(text)
        } catch (error) {
          return error
        }
      })()
      const shown = renderError(new Error('no JSON', { cause }), { ...QUIET, verbose: true })
      expect(shown).toContain('SyntaxError')
      expect(shown).not.toMatch(/hunt/)
    }
  })

  it('takes anything that can be thrown', () => {
    expect(renderError(undefined, { ...QUIET, verbose: true })).toContain('undefined')
    expect(renderError('hunter2', { ...QUIET, verbose: true })).toContain('***')
  })

  it('is not obeyed by the terminal', () => {
    const hostile = new ActionableError('\u001b[2J', { code: 'x', fix: '\u001b]0;t\u0007' })
    expect(renderError(hostile, QUIET)).toBe('Error: \\x1b[2J\n\n\\x1b]0;t\\x07\n')
  })
})

describe('exitCodeOf', () => {
  it('is the error’s own, and 1 for a defect', () => {
    expect(exitCodeOf(new ActionableError('x', { code: 'x', exitCode: EXIT.interrupted }))).toBe(130)
    expect(exitCodeOf(new ActionableError('x', { code: 'x' }))).toBe(1)
    expect(exitCodeOf(new Error('x'))).toBe(1)
  })
})
