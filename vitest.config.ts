import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/real/**', 'test/**/fixtures/**', '**/node_modules/**', 'test/.work/**'],
    // The parser and the engines take longer to load than most files take to run: once for each worker is enough.
    isolate: false,
    setupFiles: ['test/support/sampling.ts'],
    testTimeout: 20_000,
  },
})
