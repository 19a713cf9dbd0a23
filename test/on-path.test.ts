import { describe, expect, it } from 'vitest'
import { locateOn } from '../src/base/on-path.ts'

function locate(program: string, env: Record<string, string>, files: string[], platform: NodeJS.Platform) {
  return locateOn(env, { platform, isExecutable: (path) => files.includes(path) })(program)
}

describe('locateOn', () => {
  const files = ['/usr/local/bin/doctl', '/usr/bin/doctl', '/work/app/bin/doctl']

  it('takes the first folder that has it', () => {
    const PATH = '/sbin:/usr/local/bin:/usr/bin'
    expect(locate('doctl', { PATH }, files, 'linux')).toBe('/usr/local/bin/doctl')
    expect(locate('neonctl', { PATH }, files, 'linux')).toBeNull()
  })

  it('looks into no folder that depends on where we are', () => {
    const relative = ['bin/doctl', './doctl', 'doctl', '/doctl']
    expect(locate('doctl', { PATH: ':.:bin:./' }, relative, 'linux')).toBeNull()
    expect(locate('doctl', {}, relative, 'linux')).toBeNull()
  })

  it("knows Windows' spelling and endings", () => {
    const installed = ['C:\\npm\\neonctl.CMD', 'C:\\app\\neonctl.CMD']
    expect(locate('neonctl', { Path: '.;C:\\npm', PathExt: '.EXE;.CMD' }, installed, 'win32')).toBe(installed[0])
    expect(locate('neonctl', { Path: 'C:\\npm' }, installed, 'win32')).toBe(installed[0])
    expect(locate('neonctl', { Path: 'C:\\npm', PATHEXT: '.EXE' }, installed, 'win32')).toBeNull()
  })

  it('takes what can be run only', () => {
    const run = locateOn({ PATH: `${import.meta.dirname}:/bin:/usr/bin` })
    expect(run('on-path.test.ts')).toBeNull()
    expect(run('sh')).toMatch(/\/sh$/)
    expect(run('.')).toBeNull()
  })
})
