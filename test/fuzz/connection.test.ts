import { it } from 'vitest'
import { runs } from '../support/sampling.ts'
import { connectionProperties } from './connection.ts'

it.each(Object.entries(connectionProperties))('%s', (_, property) => property(runs(100, 300)), 60_000)
