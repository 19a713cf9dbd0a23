/** Words without which a source file has nothing to do with Accelerate. */
export const SOURCE_TRACES = [
  '@prisma/extension-accelerate',
  'withAccelerate',
  'accelerateUrl',
  'cacheStrategy',
  '$accelerate',
  '/edge',
  'prisma://',
  'prisma+postgres://accelerate',
] as const
