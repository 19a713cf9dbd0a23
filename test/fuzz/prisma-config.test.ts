import { it } from 'vitest'
import { runs } from '../support/sampling.ts'
import { prismaConfigProperties } from './prisma-config.ts'

it.each(Object.entries(prismaConfigProperties))('%s', (_, property) => property(runs(20, 60)), 60_000)
