import { posix } from 'node:path'
import type { App } from '../app/app.ts'
import { installCommand, prismaCommand } from '../app/commands.ts'
import type { Held } from './development.ts'
import type { PlanInput } from './input.ts'
import type { NewTables } from './tables.ts'
import type { Plan, PlannedCommand } from './types.ts'

/** Redwood's CLI names the schema to some of Prisma's commands only, and `validate` is none of them. */
function schemaArguments({ framework, paths: { schema, schemaFiles } }: App): string[] {
  if (framework === 'cedar' || schema === null) return []
  return ['--schema', schemaFiles.length > 1 ? posix.dirname(schema) : schema]
}

/** What is run once the files are written, in this order. */
export function commandsAfter(
  { app, answers: { install = true, verify = true }, invocation, unfinished }: PlanInput,
  { envFile, runtimeUrl, directUrl }: Held,
  { add, remove }: Plan['packages'],
  tables: NewTables | null,
): PlannedCommand[] {
  const installing = installCommand(app)
  const needsInstall = add.length + remove.length > 0 || unfinished.has(installing.join(' '))
  const commands: (PlannedCommand | false | null)[] = [
    install && needsInstall && { argv: installing, step: 'install', title: 'Installing packages' },
    install && { argv: prismaCommand(app, 'generate'), step: 'generate', title: 'Generating the Prisma client' },
    ...(tables?.commands ?? []),
    verify && {
      argv: prismaCommand(app, 'validate', ...schemaArguments(app)),
      step: 'verify',
      title: 'Checking the schema with Prisma',
    },
    // Only where there will be something to connect to, in a protocol that is spoken without the app's driver.
    verify &&
      envFile === '.env' &&
      /^(postgres(ql)?|cockroachdb):/.test(runtimeUrl ?? directUrl ?? '') && {
        argv: `${invocation} doctor`.split(' ') as [string, ...string[]],
        step: 'prove',
        title: 'Connecting through what was written',
      },
  ]
  return commands.filter((command) => command !== false && command !== null)
}
