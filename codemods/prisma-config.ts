export { type ConfigTarget, configSnippet, editPrismaConfig } from './prisma-config/edit.ts'
export { type PrismaConfig, readPrismaConfig } from './prisma-config/read.ts'
