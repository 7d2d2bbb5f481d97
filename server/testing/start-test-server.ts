import { pino } from 'pino'
import { createServer, type PlatformServer, type ServerOptions } from '../create-server.ts'
import { createFakeRuntime, type FakeRuntime } from './fake-runtime.ts'

const FACTS = { name: 'test', folder: '/test', config_path: '/test/langgraph.json', data_dir: '/test/.superstep', version: '0.0.0' }

export interface TestServer extends PlatformServer { readonly runtime: FakeRuntime, readonly url: string }

/** The composed server on a free loopback port, over a fake runtime and a database in memory. */
export async function startTestServer(change: Partial<ServerOptions> = {}): Promise<TestServer> {
  const runtime = createFakeRuntime()
  const server = await createServer({
    facts: FACTS, dataFile: ':memory:', runtime, studioFolder: '/nowhere',
    guard: { hosts: [], origins: [], originPattern: null, token: null },
    logger: pino({ level: 'silent' }), ...change,
  })
  await server.start()
  const url = await server.app.listen({ host: '127.0.0.1', port: 0 })
  return { ...server, runtime, url }
}
