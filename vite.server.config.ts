import { resolve } from 'node:path'
import { defineConfig } from 'vite'

/** The platform server, its command line and its graph worker: plain JavaScript for Node, dependencies left outside. */
export default defineConfig({
  build: {
    ssr: true,
    target: 'node24',
    outDir: 'out/server',
    minify: false,
    sourcemap: true,
    rolldownOptions: {
      input: {
        cli: resolve('server/cli/cli.ts'),
        worker: resolve('server/runtime/node-worker/main.ts'),
        'wal-thread': resolve('server/storage/sqlite/wal-thread.ts'),
      },
      output: { entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
    },
  },
})
