import { defineConfig } from 'vitest/config'

// Tests with real apps, databases and package managers: minutes rather than milliseconds.
export default defineConfig({
  test: {
    include: ['test/real/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'test/.work/**'],
    globalSetup: ['test/real/support/setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 600_000,
    hookTimeout: 600_000,
    expect: { poll: { timeout: 30_000 } },
  },
})
