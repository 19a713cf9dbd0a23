import { test } from 'vitest'
import { dotenvProperties } from './dotenv.ts'

test.each(Object.entries(dotenvProperties))('%s', (_, property) => property(300), 60_000)
