import { close as closeInspector } from 'node:inspector'
import type { Duplex } from 'node:stream'
import type { AuthQuestion, AuthRequest } from '../../engine/user-auth.ts'
import { connect, type Connection } from '../connection.ts'
import { AUTH } from '../node-runtime-options.ts'
import { asAuth, type AuthCode } from './auth-code.ts'
import { GraphUnusableError, loadExports } from './load-exports.ts'
import { installVirtualModules } from './virtual-modules.ts'
import type { Hello, Welcome } from './worker.ts'

/** Serves the part of the worker protocol that stands before requests (`auth.*`), in a process in which no graph can get in its way. */
export function serveDoor(stream: Duplex, exit: () => void): void {
  const ready = Promise.withResolvers<AuthCode>()
  ready.promise.catch(() => undefined)
  let isDraining = false
  let asked = 0
  const exitWhenIdle = () => {
    if (isDraining && asked === 0) exit()
  }
  const answer = async <T>(work: (auth: AuthCode) => Promise<T>): Promise<T> => {
    asked++
    try {
      return await work(await ready.promise)
    } finally {
      asked--
      setImmediate(exitWhenIdle)
    }
  }
  const connection: Connection = connect(stream, {
    requests: {
      hello: (hello: Hello) => start(hello, connection, ready),
      ping: () => process.platform === 'linux' ? {} : { rss: process.memoryUsage.rss() },
      'auth.authenticate': (request: AuthRequest) => answer((auth) => auth.authenticate(request)),
      'auth.authorize': (question: AuthQuestion) => answer((auth) => auth.authorize(question)),
    },
    events: {
      drain: () => {
        isDraining = true
        closeInspector()
        exitWhenIdle()
      },
    },
  })
  void connection.closed.then(exit)
}

async function start(hello: Hello, connection: Connection, ready: PromiseWithResolvers<AuthCode>): Promise<Welcome> {
  const named = hello.graphs[AUTH]!
  const { loaded: [loaded], watch } = await loadExports([{ title: AUTH, path: named.path, use: asAuth }], {
    projectDir: hello.project_dir, appDir: hello.app_dir, label: `door-${hello.generation}`, modules: installVirtualModules(), onFiles: (files) => connection.notify('watch', { files }),
  })
  const auth = loaded!
  if (auth.error) ready.reject(new GraphUnusableError(auth.error))
  else ready.resolve(auth.value)
  return {
    protocol: 1, pid: process.pid, runtime: 'node', runtime_version: process.versions.node, langgraph_version: null, capabilities: ['auth', 'ping'],
    graphs: [{ graph_id: AUTH, ...named, error: auth.error }], watch,
  }
}
