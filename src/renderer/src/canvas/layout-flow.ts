import type { ELK, ElkNode } from 'elkjs/lib/elk-api.js'
import ElkApi from 'elkjs/lib/elk-api.js'
import elkWorkerUrl from 'elkjs/lib/elk-worker.min.js?url'
import { sizeOf, type Flow, type FlowNode } from './graph-to-flow.ts'

export type Direction = 'DOWN' | 'RIGHT'

let elk: ELK | null = null
/** Layout runs in a web worker: a large graph never stops the window. */
const engine = (): ELK => elk ??= new ElkApi({ workerFactory: () => new Worker(elkWorkerUrl) })

const ROOT_OPTIONS = {
  'elk.algorithm': 'layered', 'elk.hierarchyHandling': 'INCLUDE_CHILDREN', 'elk.spacing.nodeNode': '36', 'elk.layered.spacing.nodeNodeBetweenLayers': '44',
  'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES', 'elk.layered.nodePlacement.strategy': 'BRANDES_KOEPF', 'elk.layered.nodePlacement.bk.fixedAlignment': 'BALANCED',
  'elk.layered.cycleBreaking.strategy': 'DEPTH_FIRST', 'elk.spacing.edgeNode': '24', 'elk.separateConnectedComponents': 'true',
}

/** The flow as ELK's tree: frames hold their nodes. Pure. */
export function toElk(flow: Flow, direction: Direction): ElkNode {
  const childrenOf = (parentId: string | undefined): ElkNode[] => flow.nodes.filter((node) => node.parentId === parentId).map((node) => node.type === 'frame'
    ? { id: node.id, children: childrenOf(node.id), layoutOptions: { 'elk.padding': '[top=46,left=18,bottom=18,right=18]', 'elk.direction': direction } }
    : { id: node.id, ...sizeOf(node) })
  return {
    id: 'root', layoutOptions: { ...ROOT_OPTIONS, 'elk.direction': direction }, children: childrenOf(undefined),
    edges: flow.edges.map(({ id, source, target }) => ({ id, sources: [source], targets: [target] })),
  }
}

/** Gives every node its place (relative to its frame) and frames their size. */
export async function layoutFlow(flow: Flow, direction: Direction): Promise<FlowNode[]> {
  const laidOut = await engine().layout(toElk(flow, direction))
  const places = new Map<string, ElkNode>()
  const visit = (node: ElkNode) => {
    places.set(node.id, node)
    node.children?.forEach(visit)
  }
  visit(laidOut)
  return flow.nodes.map((node) => {
    const { x = 0, y = 0, width = 0, height = 0 } = places.get(node.id) ?? {}
    return { ...node, position: { x, y }, width, height }
  })
}
