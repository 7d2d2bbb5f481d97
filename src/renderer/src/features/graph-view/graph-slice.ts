import type { AssistantGraph, GraphSchema } from '@langchain/langgraph-sdk'
import { errorText } from '../../api/api-error.ts'
import { clientFor } from '../../api/client.ts'
import type { Slice } from '../../app-store.ts'

export type DrawableGraph = AssistantGraph

export interface GraphState {
  readonly status: 'idle' | 'loading' | 'ready' | 'failed'
  readonly assistantId: string | null
  readonly error: string | null
  /** With all subgraphs opened up (xray): folded on this side. */
  readonly drawable: DrawableGraph | null
  /** `schema_problem` is Superstep's own: why the schemas tell less than they might. */
  readonly schemas: GraphSchema & { readonly schema_problem?: string } | null
}

export interface GraphSlice {
  readonly graph: GraphState
  /** Topology and schemas of the chosen assistant. The last good ones stay until the new ones are there. */
  loadGraph(): Promise<void>
}

export const EMPTY_GRAPH: GraphState = { status: 'idle', assistantId: null, error: null, drawable: null, schemas: null }

export const createGraphSlice: Slice<GraphSlice> = (set, get) => ({
  graph: EMPTY_GRAPH,
  loadGraph: async () => {
    const { connection, selection: { assistantId } } = get()
    if (!assistantId) return set({ graph: EMPTY_GRAPH })
    set(({ graph }) => ({ graph: graph.assistantId === assistantId ? { ...graph, status: graph.drawable ? 'ready' : 'loading' } : { ...EMPTY_GRAPH, assistantId, status: 'loading' } }))
    const { assistants } = clientFor(connection)
    // A graph without schemas can still be drawn and run.
    const schemas = assistants.getSchemas(assistantId).catch(() => null)
    const isCurrent = () => get().selection.assistantId === assistantId
    try {
      const drawable = await assistants.getGraph(assistantId, { xray: true })
      if (!isCurrent()) return
      const changed = JSON.stringify(drawable) !== JSON.stringify(get().graph.drawable)
      set(({ graph }) => ({ graph: { ...graph, status: 'ready', error: null, drawable: changed ? drawable : graph.drawable } }))
    } catch (error) {
      if (isCurrent()) set(({ graph }) => ({ graph: { ...graph, status: graph.drawable ? 'ready' : 'failed', error: errorText(error) } }))
    }
    const known = await schemas
    if (isCurrent()) set(({ graph }) => ({ graph: { ...graph, schemas: JSON.stringify(known) === JSON.stringify(graph.schemas) ? graph.schemas : known } }))
  },
})
