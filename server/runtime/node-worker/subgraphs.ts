import type { CompiledGraph } from './user-langgraph.ts'

/** `agent:6f1…|1|tools:09a…` → `agent|tools`: the names that LangGraph finds subgraphs by. */
export function graphPath(checkpointNs: string): string {
  return checkpointNs.split('|').filter((part) => !/^\d+$/.test(part)).map((part) => part.split(':')[0]).join('|')
}

/** The graph that owns a checkpoint namespace; undefined for one that a node calls by itself. */
export async function findGraph(graph: CompiledGraph, checkpointNs: string): Promise<CompiledGraph | undefined> {
  if (checkpointNs === '') return graph
  const path = graphPath(checkpointNs)
  for await (const [name, subgraph] of graph.getSubgraphsAsync(path, true)) if (name === path) return subgraph
  return undefined
}

/** The graph's subgraphs by namespace; only those at or below `namespace` when one is given. */
export async function listSubgraphs(graph: CompiledGraph, namespace: string | null, recurse: boolean): Promise<Map<string, CompiledGraph>> {
  const found = new Map<string, CompiledGraph>()
  for await (const [name, subgraph] of graph.getSubgraphsAsync(namespace ?? undefined, recurse)) found.set(name, subgraph)
  return found
}
