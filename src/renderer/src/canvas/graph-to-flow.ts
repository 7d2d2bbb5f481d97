import type { Edge, Node } from '@xyflow/react'

/** LangChain's drawable graph as the wire gives it, all subgraphs opened up: `parent:child` names the inner ones. */
export interface Drawable {
  readonly nodes: readonly { readonly id: string | number, readonly type?: string, readonly data?: unknown }[]
  readonly edges: readonly { readonly source: string, readonly target: string, readonly data?: unknown, readonly conditional?: boolean }[]
}

export interface CardData extends Record<string, unknown> { readonly name: string, readonly path: string, readonly isSubgraph: boolean }
export interface EdgeData extends Record<string, unknown> { readonly conditional: boolean, readonly label: string | null, readonly detour?: number }
export type FlowNode = Node<CardData, 'card' | 'terminal' | 'frame'>
export type FlowEdge = Edge<EdgeData>
export interface Flow { readonly nodes: readonly FlowNode[], readonly edges: readonly FlowEdge[], readonly subgraphs: readonly string[] }

const TERMINALS: Readonly<Record<string, string>> = { __start__: 'start', __end__: 'end' }

const parentsOf = (id: string): string[] => id.split(':').slice(0, -1).map((_, i, parts) => parts.slice(0, i + 1).join(':'))
const lastName = (id: string): string => id.split(':').at(-1)!
const isTerminal = (id: string): boolean => Object.hasOwn(TERMINALS, lastName(id))

/** What stands for a node while some subgraphs are folded: itself, or the outermost folded one around it. */
function visibleId(id: string, open: ReadonlySet<string>): string {
  return parentsOf(id).find((parent) => !open.has(parent)) ?? id
}

/** Wide enough for its name and a figure beside it. Pixels. */
export function sizeOf(node: FlowNode): { width: number, height: number } {
  if (node.type === 'terminal') return { width: 66, height: 24 }
  return { width: Math.min(Math.max(190, 164 + node.data.name.length * 7.2), 310), height: 42 }
}

/** Turns a drawable graph into cards, frames around opened subgraphs and edges between what is visible. Pure. */
export function graphToFlow(graph: Drawable, open: ReadonlySet<string>): Flow {
  const ids = graph.nodes.map(({ id }) => String(id))
  const subgraphs = [...new Set(ids.flatMap(parentsOf))]
  const shown = [...new Set(ids.map((id) => visibleId(id, open)))]
  const frames = subgraphs.filter((id) => open.has(id) && parentsOf(id).every((parent) => open.has(parent)))
  // React Flow wants a parent before its children.
  const order = [...frames.toSorted((a, b) => a.split(':').length - b.split(':').length), ...shown.filter((id) => !frames.includes(id))]
  const nodes = order.map((id): FlowNode => {
    const parent = parentsOf(id).at(-1)
    return {
      id, position: { x: 0, y: 0 }, ...(parent && frames.includes(parent) ? { parentId: parent } : {}),
      type: frames.includes(id) ? 'frame' : isTerminal(id) ? 'terminal' : 'card',
      data: { path: id, name: isTerminal(id) ? TERMINALS[lastName(id)]! : lastName(id), isSubgraph: subgraphs.includes(id) },
    }
  })
  return { nodes, edges: edgesOf(graph, open, new Set(order)), subgraphs }
}

function edgesOf(graph: Drawable, open: ReadonlySet<string>, known: ReadonlySet<string>): FlowEdge[] {
  const edges = new Map<string, FlowEdge>()
  for (const { source, target, data, conditional } of graph.edges) {
    const [from, to] = [visibleId(String(source), open), visibleId(String(target), open)]
    // Inside one folded subgraph there is nothing to see; a loop of a node with itself is real.
    if (!known.has(from) || !known.has(to) || (from === to && source !== target)) continue
    const id = `${from}→${to}`
    const before = edges.get(id)?.data
    const label = typeof data === 'string' && data !== lastName(to) ? data : null
    edges.set(id, { id, source: from, target: to, type: 'route', data: { conditional: (before?.conditional ?? true) && (conditional ?? false), label: before?.label ?? label } })
  }
  return [...edges.values()]
}
