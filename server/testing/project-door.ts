import { resolve } from 'node:path'
import type { UserDoor } from '../engine/user-door.ts'
import { createNodeDoor, type NodeDoorOptions } from '../runtime/node-door.ts'

const ROOT = resolve(import.meta.dirname, '../..')

/** A real door on the code of `project/`, like `{ auth: './auth.ts:auth' }`. */
export const createProjectDoor = (change: Partial<NodeDoorOptions>): UserDoor => createNodeDoor({
  projectDir: resolve(import.meta.dirname, 'project'), appDir: ROOT, configFiles: [], env: process.env as Record<string, string>, maxWorkerMemoryMb: 1024, reload: false,
  workerEntry: resolve(ROOT, 'server/runtime/node-worker/main.ts'), log: () => {}, onOutput: () => {}, ...change,
})
