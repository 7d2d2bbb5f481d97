import { close as closeInspector, open as openInspector } from 'node:inspector'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import type { GraphSchemas, LoadedGraph, RunJob, StateUpdate, SuperstepsUpdate } from '../../engine/graph-worker.ts'
import type { Caller } from '../../contract/callers.ts'
import { BytesAnswer, connect, type Connection } from '../connection.ts'
import { isEmbeddingFile } from '../embedding-providers.ts'
import { createEmbed, EmbeddingError, type Embed, type EmbedRequest } from './embeddings.ts'
import { createLiveReader } from './live-values.ts'
import { GraphUnusableError } from './load-exports.ts'
import { loadGraphs, type LoadedGraphs } from './load-graphs.ts'
import { tellNode } from './mark-output.ts'
import { runGraph, type WorkerOutcome } from './run-graph.ts'
import { describeRunError } from './run-error.ts'
import { createLoopback, offerLoopback } from './loopback.ts'
import { currentRun, inRun } from './run-scope.ts'
import { readSchemas } from './schemas.ts'
import { createSentPieces } from './sent-pieces.ts'
import { applySupersteps, updateState } from './state-update.ts'
import { createStore } from './store.ts'
import { listSubgraphs } from './subgraphs.ts'
import { drawGraph } from './topology.ts'
import { importUserLangGraph, LangGraphMissingError } from './user-langgraph.ts'
import { createRest, trimMemory } from '../trim-memory.ts'
import { installVirtualModules, type VirtualModules } from './virtual-modules.ts'
import type { WorkerContext } from './worker-context.ts'

export interface Hello {
  readonly protocol: number
  readonly project_dir: string
  readonly app_dir: string
  readonly generation: number
  readonly graphs: Readonly<Record<string, { path: string, description: string | null }>>
  /** `store.index.embed` of langgraph.json. */
  readonly embed: string | null
  /** The socket at which the server takes requests of this process; null for none. */
  readonly loopback: string | null
}

export interface Welcome {
  readonly protocol: 1
  readonly pid: number
  readonly runtime: 'node'
  readonly runtime_version: string
  readonly langgraph_version: string | null
  readonly capabilities: readonly string[]
  readonly graphs: readonly LoadedGraph[]
  readonly watch: readonly string[]
}

/** Without a run for this long, the worker gives memory back. */
const REST_MS = 1_000

/** Serves the worker protocol on a stream until it ends; `exit` is called when nothing is left to do. */
export function serveWorker(stream: Duplex, exit: () => void): void {
  const runs = new Map<string, AbortController>()
  const ready = Promise.withResolvers<WorkerContext>()
  // Whoever awaits it is told; nobody awaiting it is no fault.
  ready.promise.catch(() => undefined)
  let isDraining = false

  const rest = createRest(REST_MS, () => runs.size === 0, trimMemory)

  const exitWhenIdle = () => {
    if (isDraining && runs.size === 0) exit()
  }

  const run = async (job: RunJob): Promise<WorkerOutcome> => {
    const controller = new AbortController()
    runs.set(job.run_id, controller)
    try {
      const context = await ready.promise
      let uncaught: WorkerOutcome | null = null
      const outcome = await inRun(job, () => runGraph(job, context, controller.signal), (error) => {
        uncaught ??= { status: 'error', error: describeRunError(error) }
        controller.abort('failed')
      })
      return uncaught ?? outcome
    } finally {
      runs.delete(job.run_id)
      if (runs.size === 0) rest.stir()
      setImmediate(exitWhenIdle)
    }
  }

  const connection: Connection = connect(stream, {
    requests: {
      hello: async (hello: Hello) => {
        if (hello.loopback) offerLoopback(createLoopback(hello.loopback, runThatAsks))
        const started = await start(hello, connection)
        if ('context' in started) ready.resolve(started.context)
        else ready.reject(started.missing)
        rest.stir()
        return started.welcome
      },
      ping: () => process.platform === 'linux' ? {} : { rss: process.memoryUsage.rss() },
      run,
      'state.update': async (update: StateUpdate) => updateState(update, await ready.promise),
      'state.supersteps': async (update: SuperstepsUpdate) => applySupersteps(update, await ready.promise),
      'graph.draw': async ({ graph_id, xray, config }: { graph_id: string, xray: boolean | number, config: object | null }) =>
        drawGraph(await graphOf(ready.promise, graph_id, config), xray, config ?? {}),
      'graph.schemas': async ({ graph_id }: { graph_id: string }) => readSchemas(await graphOf(ready.promise, graph_id, null), (await ready.promise).langgraph),
      'graph.subgraphs': async ({ graph_id, namespace, recurse }: { graph_id: string, namespace: string | null, recurse: boolean }) => {
        const subgraphs = await listSubgraphs(await graphOf(ready.promise, graph_id, null), namespace, recurse)
        const { langgraph } = await ready.promise
        return Object.fromEntries([...subgraphs].map(([name, graph]): [string, GraphSchemas] => [name, readSchemas(graph, langgraph)]))
      },
      embed: async (request: EmbedRequest) => new BytesAnswer(await (await ready.promise).embed(request)),
    },
    events: {
      'run.cancel': ({ run_id, action }: { run_id: string, action: string }) => runs.get(run_id)?.abort(action),
      inspect: ({ port }: { port: number }) => openInspector(port, '127.0.0.1'),
      drain: () => {
        isDraining = true
        closeInspector()
        exitWhenIdle()
      },
    },
  })
  void connection.closed.then(exit)
}

function runThatAsks(): Caller | null {
  const run = currentRun()
  return run ? { kind: 'run', id: run.run_id } : null
}

const graphOf = async (ready: Promise<WorkerContext>, graphId: string, config: object | null) =>
  (await ready).graph(graphId, { configurable: {}, ...config })

const CAPABILITIES = ['cancel', 'events', 'subgraphs', 'state.update', 'embed', 'ping']

type Start = { readonly welcome: Welcome, readonly context: WorkerContext } | { readonly welcome: Welcome, readonly missing: LangGraphMissingError }

async function start(hello: Hello, connection: Connection): Promise<Start> {
  const modules = installVirtualModules()
  const welcome = { protocol: 1 as const, pid: process.pid, runtime: 'node' as const, runtime_version: process.versions.node, capabilities: CAPABILITIES }
  try {
    const langgraph = await importUserLangGraph(modules, hello.project_dir, hello.app_dir)
    tellNode(langgraph.currentNode)
    const loaded = await loadGraphs({ projectDir: hello.project_dir, appDir: hello.app_dir, graphs: hello.graphs, embedding: hello.embed && isEmbeddingFile(hello.embed) ? hello.embed : null, label: `generation-${hello.generation}`, modules, onFiles: (files) => connection.notify('watch', { files }) })
    const sent = createSentPieces()
    const context: WorkerContext = {
      connection, langgraph, sent, read: createLiveReader(langgraph, sent.encodings), store: createStore(langgraph, connection),
      graph: (graphId, config) => openGraph(loaded, graphId, config),
      embed: openEmbed(hello, modules, loaded),
    }
    return { context, welcome: { ...welcome, langgraph_version: langgraph.version, graphs: loaded.graphs, watch: loaded.watch } }
  } catch (error) {
    if (!(error instanceof LangGraphMissingError)) throw error
    const file = join(hello.project_dir, 'package.json')
    const graphs = Object.entries(hello.graphs).map(([graph_id, { path, description }]) => ({ graph_id, path, description, error: { message: error.message, file } }))
    return { missing: error, welcome: { ...welcome, langgraph_version: null, graphs, watch: [file] } }
  }
}

function openEmbed({ embed, project_dir: projectDir }: Hello, modules: VirtualModules, loaded: LoadedGraphs): Embed {
  if (embed) return createEmbed({ embed, projectDir, modules, readFile: loaded.embedding })
  return () => Promise.reject(new EmbeddingError('store.index.embed is not in langgraph.json.'))
}

async function openGraph({ graphs, sources }: LoadedGraphs, graphId: string, config: object) {
  const source = sources.get(graphId)
  if (source) return source(config)
  const error = graphs.find(({ graph_id }) => graph_id === graphId)?.error
  throw new GraphUnusableError(error ?? { message: `There is no graph "${graphId}" in this project.` })
}
