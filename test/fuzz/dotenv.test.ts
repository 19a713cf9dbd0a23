import { it } from 'vitest'
import { runs } from '../support/sampling.ts'
import { dotenvProperties } from './dotenv.ts'

it.each(Object.entries(dotenvProperties))('%s', (_, property) => property(runs(100, 300)), 60_000)
