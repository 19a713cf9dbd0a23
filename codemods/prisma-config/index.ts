export { configSnippet, editPrismaConfig } from './edit.ts'
export { type PrismaConfig, readPrismaConfig } from './read.ts'
