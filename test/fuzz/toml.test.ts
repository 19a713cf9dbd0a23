import { test } from 'vitest'
import { tomlProperties } from './toml.ts'

test.each(Object.entries(tomlProperties))('%s', (_, property) => property(300), 60_000)
