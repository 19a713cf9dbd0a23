import { assignmentsOf, envOf } from '../../app/app.ts'
import { shadowed } from '../../app/shadowed.ts'
import { envEntries } from '../facts.ts'
import type { FilesCheck } from '../types.ts'

export const shellOverrides: FilesCheck = {
  code: 'shell-overrides',
  title: 'A variable in this shell wins over .env',
  why: 'Every command that is run in this shell connects to what the shell says.',
  fix: '`unset` it.',
  run({ app, shell }) {
    const set = envOf(app.snapshot.files)
    // A framework's own command has put the variables of some file into the environment.
    const loaded = new Set(assignmentsOf(app.snapshot.files).map(({ name, value }) => `${name}=${value}`))
    const names = shadowed(app, shell).filter((name) => set.get(name) && !loaded.has(`${name}=${shell[name]}`))
    return names.map((name) => {
      const { path, line } = envEntries(app).findLast((each) => each.name === name && each.value === set.get(name))!
      const detail = `${name} in this shell isn't the one in ${path}, and the shell wins.`
      return { severity: 'warning', path, line, detail, fix: `\`unset ${name}\`` }
    })
  },
}
