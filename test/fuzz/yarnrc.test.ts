import { test } from 'vitest'
import { yarnrcProperties } from './yarnrc.ts'

test.each(Object.entries(yarnrcProperties))('%s', (_, property) => property(300), 60_000)
