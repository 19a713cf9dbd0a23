/** Modules that Prisma generates: the package, its edge builds, and the output folders that people choose. */
export function isClientSource(source: string): boolean {
  return /^\.?@?prisma\/client(\/|$)/.test(source) || /(^|\/)generated\/|\/prisma\/client/.test(source)
}
