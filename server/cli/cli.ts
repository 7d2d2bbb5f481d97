#!/usr/bin/env node
import nodeModule from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

// better-sqlite3's binary needs Node-API 10 and ends the process without a word where that is missing; workers need module hooks.
if (Number(process.versions.napi) < 10 || !('registerHooks' in nodeModule)) {
  console.error(`Superstep needs Node 22.15 or newer; this is ${process.version}. Inside the project "npx superstep …" brings its own.`)
  process.exit(1)
}
const here = dirname(fileURLToPath(import.meta.url))
const { main } = await import('./main.ts')
// This file is built to out/server/cli.js, the worker and the thread beside it.
await main(process.argv, { appDir: resolve(here, '../..'), workerEntry: join(here, 'worker.js'), threadEntry: join(here, 'file-thread.js') })
