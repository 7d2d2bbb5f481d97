import type { DrawableGraph, GraphRuntime, GraphSchemas } from '../engine/graph-worker.ts'
import { PlatformError } from '../errors.ts'
import { askGraph } from './ask-graph.ts'
import type { AssistantService } from './assistant-service.ts'

export interface GraphService {
  draw(assistantRef: string, xray: boolean | number): Promise<DrawableGraph>
  schemas(assistantRef: string): Promise<{ graph_id: string } & GraphSchemas>
  subgraphs(assistantRef: string, options: { namespace: string | null, recurse: boolean }): Promise<Record<string, { graph_id: string } & GraphSchemas>>
}

/** What only the graph's code can tell. A graph that failed to import says so, with its error. */
export function createGraphService({ assistants, runtime }: { assistants: AssistantService, runtime: GraphRuntime }): GraphService {
  function loadedGraph(assistantRef: string) {
    const assistant = assistants.get(assistantRef)
    const graph = runtime.status().graphs.find(({ graph_id }) => graph_id === assistant.graph_id)
    if (!graph) throw new PlatformError('graph_not_found', `Graph "${assistant.graph_id}" is not in langgraph.json any more.`)
    if (graph.error) throw new PlatformError('graph_load_failed', `Graph "${graph.graph_id}" failed to load: ${graph.error.message}`)
    return assistant
  }
  return {
    draw: async (ref, xray) => {
      const { graph_id, config, context } = loadedGraph(ref)
      return askGraph(runtime.drawGraph(graph_id, { xray, config: { configurable: { ...config.configurable, ...context } } }))
    },
    schemas: async (ref) => {
      const { graph_id } = loadedGraph(ref)
      return { graph_id, ...await askGraph(runtime.schemas(graph_id)) }
    },
    subgraphs: async (ref, options) => {
      const { graph_id } = loadedGraph(ref)
      const found = await askGraph(runtime.subgraphs(graph_id, options))
      return Object.fromEntries(Object.entries(found).map(([namespace, schemas]) => [namespace, { graph_id, ...schemas }]))
    },
  }
}
