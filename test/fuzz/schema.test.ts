import { it } from 'vitest'
import { runs } from '../support/sampling.ts'
import { schemaProperties } from './schema.ts'

it.each(Object.entries(schemaProperties))('%s', (_, property) => property(runs(60, 300)), 60_000)
