import { it } from 'vitest'
import { runs } from '../support/sampling.ts'
import { dbClientProperties } from './db-client.ts'

it.each(Object.entries(dbClientProperties))('%s', (_, property) => property(runs(15, 60)), 60_000)
