import { once } from 'node:events'
import { close as closeInspector } from 'node:inspector'
import type { Server } from 'node:http'
import type { Duplex } from 'node:stream'
import type { AuthQuestion, AuthRequest } from '../../engine/user-auth.ts'
import { connect, type Connection } from '../connection.ts'
import { APP, AUTH } from '../node-runtime-options.ts'
import { asApp, type AppCode } from './app-code.ts'
import { asAuth, type AuthCode } from './auth-code.ts'
import { GraphUnusableError, loadExports, type Loaded } from './load-exports.ts'
import { openLoopback, serveApp } from './serve-app.ts'
import { installVirtualModules } from './virtual-modules.ts'
import type { Hello, Welcome } from './worker.ts'

interface Code { readonly auth: () => AuthCode, readonly app: () => Promise<{ server: Server, address: string }> }

/** Serves the part of the worker protocol that stands before requests (`auth.*`, `app.*`), in a process in which no graph can get in its way. */
export function serveDoor(stream: Duplex, exit: () => void): void {
  const ready = Promise.withResolvers<Code>()
  ready.promise.catch(() => undefined)
  let isDraining = false
  let asked = 0
  const exitWhenIdle = () => {
    if (isDraining && asked === 0) exit()
  }
  const whileAsked = async <T>(work: () => Promise<T>): Promise<T> => {
    asked++
    try {
      return await work()
    } finally {
      asked--
      setImmediate(exitWhenIdle)
    }
  }
  const answer = <T>(work: (code: Code) => Promise<T>): Promise<T> => whileAsked(async () => work(await ready.promise))

  const connection: Connection = connect(stream, {
    requests: {
      hello: (hello: Hello) => start(hello, connection, ready),
      ping: () => process.platform === 'linux' ? {} : { rss: process.memoryUsage.rss() },
      'auth.authenticate': (request: AuthRequest) => answer(async ({ auth }) => auth().authenticate(request)),
      'auth.authorize': (question: AuthQuestion) => answer(async ({ auth }) => auth().authorize(question)),
      'app.address': () => answer(async ({ app }) => ({ address: (await app()).address })),
    },
    events: {
      drain: () => {
        isDraining = true
        closeInspector()
        void whileAsked(() => ready.promise.then(({ app }) => app()).then(({ server }) => once(server.close(), 'close'), () => undefined))
      },
    },
  })
  void connection.closed.then(exit)
}

async function start(hello: Hello, connection: Connection, ready: PromiseWithResolvers<Code>): Promise<Welcome> {
  // Before its code runs: a client that is made at import time looks for it then.
  const loopback = hello.loopback === null ? null : openLoopback(hello.loopback)
  const named = Object.entries(hello.graphs)
  const { loaded, watch } = await loadExports<AuthCode | AppCode>(named.map(([title, { path }]) => ({ title, path, use: title === APP ? asApp : asAuth })), {
    projectDir: hello.project_dir, appDir: hello.app_dir, label: `door-${hello.generation}`, modules: installVirtualModules(), onFiles: (files) => connection.notify('watch', { files }),
  })
  const codeOf = <T>(title: string) => unpack(loaded[named.findIndex(([name]) => name === title)] as Loaded<T> | undefined)
  let serving: ReturnType<Code['app']> | null = null
  const serve = async () => {
    if (!loopback || !hello.loopback) throw new Error('There is no socket for http.app.')
    const address = `${hello.loopback}-app-${process.pid}`
    return { server: await serveApp(codeOf<AppCode>(APP), loopback, address), address }
  }
  ready.resolve({ auth: () => codeOf<AuthCode>(AUTH), app: () => serving ??= serve() })
  return {
    protocol: 1, pid: process.pid, runtime: 'node', runtime_version: process.versions.node, langgraph_version: null, capabilities: ['auth', 'app', 'ping'],
    graphs: named.map(([graph_id, graph], index) => ({ graph_id, ...graph, error: loaded[index]!.error })), watch,
  }
}

function unpack<T>(loaded: Loaded<T> | undefined): T {
  if (!loaded) throw new Error('There is no such code.')
  if (loaded.error) throw new GraphUnusableError(loaded.error)
  return loaded.value
}
