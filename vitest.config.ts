import { resolve } from 'node:path'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: {
    alias: {
      '@contract': resolve('server/contract'),
      // The electron package tries a download when it is imported outside Electron.
      electron: resolve('src/main/testing/electron-stub.ts'),
    },
  },
  test: {
    include: ['server/**/*.test.ts', 'src/**/*.test.{ts,tsx}', 'resources/**/*.test.ts', 'scripts/**/*.test.ts'],
    globalSetup: ['scripts/build-server-for-tests.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
})
