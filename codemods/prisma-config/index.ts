export { type ConfigTarget, configSnippet, editPrismaConfig } from './edit.ts'
export { type PrismaConfig, readPrismaConfig } from './read.ts'
