import { test } from 'vitest'
import { schemaProperties } from './schema.ts'

test.each(Object.entries(schemaProperties))('%s', (_, property) => property(300), 60_000)
