import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/real/**', 'test/**/fixtures/**', '**/node_modules/**', 'test/.work/**'],
    testTimeout: 20_000,
  },
})
