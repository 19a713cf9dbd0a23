import { test } from 'vitest'
import { dbClientProperties } from './db-client.ts'

test.each(Object.entries(dbClientProperties))('%s', (_, property) => property(60), 60_000)
