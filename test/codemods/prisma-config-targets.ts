import type { ConfigTarget } from '../../codemods/prisma-config/edit.ts'

const direct: ConfigTarget = {
  runtimeEnv: 'DATABASE_URL',
  directEnv: 'DIRECT_DATABASE_URL',
  shadow: 'keep',
}

/**
 * One URL for migrations of their own, under another name, and for everything; and for everything beside a shadow
 * database, which the next one takes out.
 */
export const CONFIG_TARGETS = {
  direct,
  renamed: { ...direct, directEnv: 'DATABASE_URL_UNPOOLED' },
  single: { ...direct, directEnv: null },
  local: { ...direct, directEnv: null, shadow: { add: 'SHADOW_DATABASE_URL' } },
  afterLocal: { ...direct, shadow: { remove: 'SHADOW_DATABASE_URL' } },
} satisfies Record<string, ConfigTarget>

export type ConfigTargetName = keyof typeof CONFIG_TARGETS

/** What a fixture wants is the name of a target. */
export function configTargetOf(want: string | null): ConfigTarget {
  const name = want ?? ''
  if (!(name in CONFIG_TARGETS)) throw new Error(`${name} names no target`)
  return CONFIG_TARGETS[name as ConfigTargetName]
}
