import { resolve } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'electron-vite'

const contract = { '@contract': resolve('server/contract') }

/** The desktop shell and the Studio. The server has its own build (`vite.server.config.ts`), so that it stands without them. */
export default defineConfig({
  main: {
    resolve: { alias: contract },
    build: { externalizeDeps: true, rollupOptions: { input: { index: resolve('src/main/index.ts') } } },
  },
  preload: {
    // A sandboxed preload must be CommonJS.
    build: { rollupOptions: { input: { index: resolve('src/preload/index.ts') }, output: { format: 'cjs', entryFileNames: '[name].cjs' } } },
  },
  renderer: {
    root: 'src/renderer',
    base: './',
    plugins: [react()],
    resolve: { alias: contract },
    worker: { format: 'es' },
    build: { minify: true, chunkSizeWarningLimit: 8000, rollupOptions: { input: { index: resolve('src/renderer/index.html') } } },
  },
})
