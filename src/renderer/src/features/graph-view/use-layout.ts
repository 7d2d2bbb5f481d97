import { useEffect, useMemo, useState } from 'react'
import { graphToFlow, type Drawable, type Flow, type FlowEdge, type FlowNode } from '../../canvas/graph-to-flow.ts'
import { layoutFlow, type Direction } from '../../canvas/layout-flow.ts'
import { loadPositions } from './positions.ts'

export interface LaidOut { readonly nodes: FlowNode[], readonly edges: FlowEdge[], readonly subgraphs: readonly string[], readonly version: number }

let version = 0

interface Box { readonly x: number, readonly y: number, readonly right: number, readonly bottom: number }

/** How far a route that leads back must swing out to pass what stands beside it. Pixels. */
function detour(from: Box, to: Box, all: readonly Box[]): number {
  const edge = Math.max(from.right, to.right)
  const passed = all.filter((box) => box.bottom > to.y && box.y < from.bottom && box.right > edge && box.x < edge + 160)
  return Math.max(34, ...passed.map((box) => box.right - edge + 22))
}

/** Routes that lead back go along the side; the others go on in the direction of the layout. */
function withHandles(flow: Flow, nodes: readonly FlowNode[], direction: Direction): FlowEdge[] {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const absolute = (id: string): { x: number, y: number } => {
    const node = byId.get(id)
    if (!node) return { x: 0, y: 0 }
    const parent = node.parentId ? absolute(node.parentId) : { x: 0, y: 0 }
    return { x: parent.x + node.position.x, y: parent.y + node.position.y }
  }
  const boxOf = (id: string): Box => {
    const { x, y } = absolute(id)
    const node = byId.get(id)
    return { x, y, right: x + (node?.width ?? 0), bottom: y + (node?.height ?? 0) }
  }
  const boxes = new Map(nodes.map((node) => [node.id, boxOf(node.id)]))
  return flow.edges.map((edge) => {
    const [from, to] = [boxes.get(edge.source), boxes.get(edge.target)]
    if (!from || !to) return edge
    const leadsBack = direction === 'DOWN' ? to.y <= from.y : to.x <= from.x
    const [sourceHandle, targetHandle] = leadsBack ? ['right', 'back'] : direction === 'DOWN' ? ['bottom', 'top'] : ['right', 'left']
    const others = nodes.filter((node) => node.type !== 'frame' && node.id !== edge.source && node.id !== edge.target).map((node) => boxes.get(node.id)!)
    return { ...edge, sourceHandle, targetHandle, data: { ...edge.data!, detour: leadsBack && direction === 'DOWN' ? detour(from, to, others) : 18 } }
  })
}

/** Lays the graph out in the worker whenever what is visible changes; keeps the last picture until then. */
export function useLayout(drawable: Drawable | null, open: ReadonlySet<string>, direction: Direction, assistantId: string | null, generation: number): LaidOut | null {
  const flow = useMemo(() => drawable && graphToFlow(drawable, open), [drawable, open])
  const [laidOut, setLaidOut] = useState<LaidOut | null>(null)
  useEffect(() => {
    if (!flow || !assistantId) return setLaidOut(null)
    let isCurrent = true
    void layoutFlow(flow, direction).then((placed) => {
      if (!isCurrent) return
      const own = loadPositions(assistantId)
      const nodes = placed.map((node) => own[node.id] ? { ...node, position: own[node.id]! } : node)
      setLaidOut({ nodes, edges: withHandles(flow, nodes, direction), subgraphs: flow.subgraphs, version: ++version })
    })
    return () => { isCurrent = false }
  }, [flow, direction, assistantId, generation])
  return laidOut
}
