import type { IncomingMessage } from 'node:http'
import { resolve } from 'node:path'
import { pino } from 'pino'
import type { GraphRuntime } from '../engine/graph-worker.ts'
import { createServer, type PlatformServer, type ServerOptions } from '../create-server.ts'
import { createNodeRuntime, type NodeRuntimeOptions } from '../runtime/node-runtime.ts'
import { createNodeUiBundler } from '../runtime/node-ui-bundler.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const GRAPHS = { 'graph.ts': ['approval', 'wide', 'slow', 'failing', 'emitting', 'teams'], 'clients.ts': ['counter', 'nested', 'chat'] }
/** Of requests that a test makes itself, beside those of the client that it tries. */
export const BY_TEST = { 'x-asked-by': 'test' } as const

export interface ProjectServer extends PlatformServer {
  readonly url: string
  readonly runtime: GraphRuntime
  /** What the runtime told its log. */
  readonly logged: Record<string, unknown>[]
  /** What clients asked: the route, like `GET /threads/:thread_id`, and whether it has answered with success, or has become a WebSocket. */
  readonly requests: { readonly route: string, readonly isServed: () => boolean }[]
}

/** The composed server with a real worker on the graphs of `project/`. Schemas come without the compiler, which takes seconds where much runs at once. */
export async function startProjectServer(change: Partial<ServerOptions> = {}, runtimeChange: Partial<NodeRuntimeOptions> = {}): Promise<ProjectServer> {
  const folder = resolve(import.meta.dirname, 'project')
  const logged: Record<string, unknown>[] = []
  const runtime = createNodeRuntime({
    projectDir: folder, appDir: ROOT, configFiles: [], env: {}, workers: 1, maxWorkerMemoryMb: 2048, jobsPerWorker: 10, reload: false, inspectPort: null, typesTimeoutMs: 0,
    graphs: Object.fromEntries(Object.entries(GRAPHS).flatMap(([file, ids]) => ids.map((id) => [id, { path: `./${file}:${id}`, description: null }]))),
    workerEntry: resolve(ROOT, 'server/runtime/node-worker/main.ts'),
    log: (entry) => void logged.push(entry),
    ...runtimeChange,
  })
  const server = await createServer({
    facts: { name: 'project', folder, config_path: `${folder}/langgraph.json`, data_dir: `${folder}/.superstep`, version: '0.0.0' },
    ui: createNodeUiBundler({ projectDir: folder, files: new Map([['forecast', resolve(folder, 'ui/cards.tsx')]]), shared: ['@acme/frames'], reload: false, log: () => {} }),
    dataFile: ':memory:', runtime, studioFolder: '/nowhere', guard: { hosts: [], origins: [], originPattern: null, token: null }, logger: pino({ level: 'silent' }), ...change,
  })
  const requests: ProjectServer['requests'] = []
  const upgraded = new WeakSet<IncomingMessage>()
  server.app.websocketServer.on('connection', (_socket, request: IncomingMessage) => upgraded.add(request))
  server.app.addHook('onRequest', async ({ method, headers, routeOptions, raw: request }, { raw: response }) => {
    const isServed = () => upgraded.has(request) || response.headersSent && response.statusCode >= 200 && response.statusCode < 300
    if (headers['x-asked-by'] !== BY_TEST['x-asked-by']) requests.push({ route: `${method} ${routeOptions.url}`, isServed })
  })
  await server.start()
  return { ...server, runtime, logged, requests, url: await server.app.listen({ host: '127.0.0.1', port: 0 }) }
}
