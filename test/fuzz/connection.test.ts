import { test } from 'vitest'
import { connectionProperties } from './connection.ts'

test.each(Object.entries(connectionProperties))('%s', (_, property) => property(300), 60_000)
