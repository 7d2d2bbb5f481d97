import type { DrawableGraph } from '../../engine/graph-worker.ts'
import { plainJson } from './plain-json.ts'
import type { CompiledGraph } from './user-langgraph.ts'

/** The graph as LangChain draws it; `xray` shows the inside of subgraphs, to a depth when a number. */
export async function drawGraph(graph: CompiledGraph, xray: boolean | number, config: object): Promise<DrawableGraph> {
  const drawable = await graph.getGraphAsync({ ...config, xray })
  return plainJson(drawable.toJSON()) as DrawableGraph
}
