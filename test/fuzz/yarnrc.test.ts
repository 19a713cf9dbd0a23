import { it } from 'vitest'
import { runs } from '../support/sampling.ts'
import { yarnrcProperties } from './yarnrc.ts'

it.each(Object.entries(yarnrcProperties))('%s', (_, property) => property(runs(60, 300)), 60_000)
