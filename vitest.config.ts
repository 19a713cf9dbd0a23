import { tmpdir } from 'node:os'
import { defineConfig } from 'vitest/config'
import { memoryFolder } from './test/support/memory-folder.ts'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/real/**', 'test/**/fixtures/**', '**/node_modules/**', 'test/.work/**'],
    // The parser and the engines take longer to load than most files take to run: once for each worker is enough.
    isolate: false,
    setupFiles: ['test/support/sampling.ts'],
    // What is synced on a disk is waited for.
    env: { TMPDIR: memoryFolder() ?? tmpdir() },
    // One worker for all files has much to collect, and runs most of its code too rarely for it to pay off to optimize it.
    execArgv: ['--max-semi-space-size=64', '--interrupt-budget=1000000'],
    // Ends what hangs; a law in full on a busy machine takes its time.
    testTimeout: 120_000,
  },
})
