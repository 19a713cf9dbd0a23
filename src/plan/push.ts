import { prismaCommand, type Tooling } from '../app/commands.ts'
import { spell } from '../base/shell.ts'

/** What brings the app's tables into a database that was just made. */
export interface SchemaPush {
  argv: [string, ...string[]]
  title: string
  /** For the user: when it is the wrong command. */
  notes: string[]
}

/**
 * `db push`, because a new database has no history yet, and because it needs neither a shadow database nor migrations.
 * https://www.prisma.io/docs/orm/prisma-migrate/workflows/prototyping-your-schema
 */
export function pushSchema(tooling: Tooling, { hasMigrations }: { hasMigrations: boolean }): SchemaPush {
  if (hasMigrations)
    return {
      argv: prismaCommand(tooling, 'migrate', 'deploy'),
      title: "Bringing the app's migrations into the new database",
      notes: [],
    }
  return {
    argv: prismaCommand(tooling, 'db', 'push'),
    title: "Bringing the app's tables into the new database",
    notes: [
      `The tables came by \`db push\`, which writes no migration. Before production, write the first one: \`${spell(prismaCommand(tooling, 'migrate', 'dev'))}\`. It asks to reset this database, whose tables no migration explains.`,
    ],
  }
}
