import { resolve } from 'node:path'
import type { ServerOptions } from '../create-server.ts'
import { createNodeDoor } from '../runtime/node-door.ts'
import { startProjectServer, type ProjectServer } from './start-project-server.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const GRAPHS = { whoami: 'auth', slow: 'graph', approval: 'graph' }

/** The composed server with real workers, whose users `project/auth.ts` knows: who one is stands in the header `authorization`. */
export function startAuthServer({ trustsStudio = true, ...change }: Partial<ServerOptions> & { trustsStudio?: boolean } = {}): Promise<ProjectServer> {
  const code = createNodeDoor({
    path: './auth.ts:auth', projectDir: resolve(import.meta.dirname, 'project'), appDir: ROOT, configFiles: [], env: process.env as Record<string, string>, maxWorkerMemoryMb: 1024, reload: false,
    workerEntry: resolve(ROOT, 'server/runtime/node-worker/main.ts'), log: () => {}, onOutput: () => {},
  })
  return startProjectServer({ auth: { code, trustsStudio }, ...change }, { graphs: Object.fromEntries(Object.entries(GRAPHS).map(([id, file]) => [id, { path: `./${file}.ts:${id}`, description: null }])) })
}
