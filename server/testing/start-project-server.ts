import { resolve } from 'node:path'
import { pino } from 'pino'
import { createServer, type PlatformServer, type ServerOptions } from '../create-server.ts'
import { createNodeRuntime } from '../runtime/node-runtime.ts'

const ROOT = resolve(import.meta.dirname, '../..')

export interface ProjectServer extends PlatformServer { readonly url: string }

/** The composed server with a real worker on the graphs of `project/`. */
export async function startProjectServer(change: Partial<ServerOptions> = {}): Promise<ProjectServer> {
  const folder = resolve(import.meta.dirname, 'project')
  const runtime = createNodeRuntime({
    projectDir: folder, appDir: ROOT, configFiles: [], env: {}, workers: 1, maxWorkerMemoryMb: 2048, jobsPerWorker: 10, reload: false, inspectPort: null,
    graphs: Object.fromEntries(['approval', 'wide', 'slow', 'failing'].map((id) => [id, { path: `./graph.ts:${id}`, description: null }])),
    workerEntry: resolve(ROOT, 'server/runtime/node-worker/main.ts'),
    log: () => {},
  })
  const server = await createServer({
    facts: { name: 'project', folder, config_path: `${folder}/langgraph.json`, data_dir: `${folder}/.superstep`, version: '0.0.0' },
    dataFile: ':memory:', runtime, studioFolder: '/nowhere', guard: { hosts: [], origins: [], originPattern: null, token: null }, logger: pino({ level: 'silent' }), ...change,
  })
  await server.start()
  return { ...server, url: await server.app.listen({ host: '127.0.0.1', port: 0 }) }
}
