import { test } from 'vitest'
import { prismaConfigProperties } from './prisma-config.ts'

test.each(Object.entries(prismaConfigProperties))('%s', (_, property) => property(60), 60_000)
