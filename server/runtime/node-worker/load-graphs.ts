import type { LoadedGraph } from '../../engine/graph-worker.ts'
import { GraphUnusableError, kindOf, loadExports, type Entry, type LoadOptions, type Spec } from './load-exports.ts'
import { isCompiledGraph, type CompiledGraph } from './user-langgraph.ts'

export interface GraphLoadOptions extends LoadOptions {
  readonly graphs: Readonly<Record<string, { path: string, description: string | null }>>
  /** `path:export` of the embedding function, where the project has one of its own. */
  readonly embedding: string | null
}

/** Gives the graph for one use; a factory is called with the run's config each time. */
export type GraphSource = (config: object) => Promise<CompiledGraph>

export interface LoadedGraphs {
  readonly graphs: readonly LoadedGraph[]
  readonly sources: ReadonlyMap<string, GraphSource>
  /** What the embedding function's file exports. Throws {@link GraphUnusableError}. */
  readonly embedding: () => unknown
  /** Absolute files whose change may change the outcome. */
  readonly watch: readonly string[]
}

/** Loads every graph of a project. */
export async function loadGraphs({ graphs, embedding, ...options }: GraphLoadOptions): Promise<LoadedGraphs> {
  const named = Object.entries(graphs)
  const entries: Entry<unknown>[] = named.map(([id, { path }]) => ({ title: `Graph "${id}"`, path, use: sourceOf }))
  if (embedding !== null) entries.push({ title: 'store.index.embed', path: embedding, use: (exported) => exported })
  const { loaded, watch } = await loadExports(entries, options)
  const sources = named.flatMap(([id], i) => loaded[i]!.error === null ? [[id, (loaded[i] as { value: GraphSource }).value] as const] : [])
  return {
    watch,
    graphs: named.map(([graph_id, { path, description }], i) => ({ graph_id, path, description, error: loaded[i]!.error })),
    sources: new Map(sources),
    embedding: () => {
      const own = embedding === null ? undefined : loaded.at(-1)
      if (own?.error) throw new GraphUnusableError(own.error)
      return own && 'value' in own ? own.value : undefined
    },
  }
}

function sourceOf(exported: unknown, spec: Spec): GraphSource {
  if (typeof exported === 'function') return async (config) => toGraph(spec, await (exported as (config: object) => unknown)(config))
  const graph = toGraph(spec, exported)
  return () => Promise.resolve(graph)
}

/** A compiled graph as it is; a builder is compiled; an agent holds its graph. */
function toGraph(spec: Spec, value: unknown): CompiledGraph {
  if (isCompiledGraph(value)) return value
  if (typeof value === 'object' && value !== null) {
    if ('graph' in value && isCompiledGraph(value.graph)) return value.graph
    if ('compile' in value && typeof value.compile === 'function') return toGraph(spec, value.compile())
  }
  const { title, file, exportName } = spec
  throw new GraphUnusableError({ message: `${title}: export '${exportName}' of ${file} is ${kindOf(value)}; expected a graph, a StateGraph, an agent, or a function that returns one.`, file })
}
