import '@xyflow/react/dist/style.css'
import { readStored, writeStored } from '../../lib/local-storage.ts'
import { Background, BackgroundVariant, MarkerType, MiniMap, Panel, ReactFlow, ReactFlowProvider, useNodesState, useReactFlow, type OnNodeDrag } from '@xyflow/react'
import { ArrowDownUp, ArrowLeftRight, Maximize, RotateCcw, Search, Workflow, ZoomIn, ZoomOut } from 'lucide-react'
import { useCallback, useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react'
import { useStudio, useStudioActions } from '../../app-store.ts'
import type { FlowNode } from '../../canvas/graph-to-flow.ts'
import type { Direction } from '../../canvas/layout-flow.ts'
import { CanvasActionsContext, NODE_TYPES } from '../../canvas/node-card.tsx'
import { RouteEdge } from '../../canvas/route-edge.tsx'
import { nodeHue } from '../../lib/node-hue.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { EmptyState, FailedState, LoadingState } from '../../ui/pane-state.tsx'
import { createCanvasActions } from './canvas-actions.ts'
import styles from './graph-view.module.css'
import { loadPositions, savePositions } from './positions.ts'
import { useLayout } from './use-layout.ts'
import { useOpenSubgraphs } from './use-open-subgraphs.ts'

const EDGE_TYPES = { route: RouteEdge }
/** React Flow listens to the whole window: left on, it would take the space bar from whoever types in the editor. */
const NO_KEYS = { deleteKeyCode: null, panActivationKeyCode: null, selectionKeyCode: null, multiSelectionKeyCode: null, zoomActivationKeyCode: null }
const MARKER = { type: MarkerType.ArrowClosed, width: 16, height: 16, color: 'var(--ink-3)' }
const FIT = { padding: 0.16, maxZoom: 1.1, duration: 0 }
const DIRECTION_KEY = 'superstep:direction'

/** The chosen assistant's graph, and on it what a run does. */
export function GraphView() {
  const graph = useStudio((state) => state.graph)
  const failure = useStudio((state) => {
    const graphId = state.assistants.items.find((assistant) => assistant.assistant_id === state.selection.assistantId)?.graph_id
    return state.connection.project?.graphs.find((candidate) => candidate.graph_id === graphId)?.error ?? null
  })
  const { loadGraph, loadAssistants } = useStudioActions()
  const assistantsError = useStudio((state) => state.assistants.status === 'failed' ? state.assistants.error : null)
  if (graph.status === 'idle' && assistantsError) return <div className={styles['view']}><FailedState title="The assistants can't be read" action={<Button onClick={() => void loadAssistants()}>Try again</Button>}>{assistantsError}</FailedState></div>
  if (graph.status === 'idle') return <div className={styles['view']}><EmptyState icon={<Workflow aria-hidden />} title="No graph chosen">Choose a graph in the title bar.</EmptyState></div>
  if (graph.status === 'failed') {
    const where = failure?.file ? `${failure.file}${failure.line ? `:${failure.line}` : ''}\n\n` : ''
    return <div className={styles['view']}><FailedState title="This graph can't be drawn" detail={failure ? `${where}${failure.stack ?? failure.message}` : null} action={<Button onClick={() => void loadGraph()}>Try again</Button>}>{failure ? 'Its code failed to load. Other graphs are not affected; it is tried again when a file changes.' : graph.error}</FailedState></div>
  }
  if (!graph.drawable) return <div className={styles['view']}><LoadingState label="Reading the graph" /></div>
  return <ReactFlowProvider><Canvas key={graph.assistantId} /></ReactFlowProvider>
}

function Canvas() {
  const drawable = useStudio((state) => state.graph.drawable)
  const assistantId = useStudio((state) => state.selection.assistantId)
  const select = useStudio((state) => state.select)
  const [direction, setDirection] = useState<Direction>(() => readStored(DIRECTION_KEY) === 'RIGHT' ? 'RIGHT' : 'DOWN')
  const [generation, setGeneration] = useState(0)
  const [open, toggleSubgraph] = useOpenSubgraphs(drawable)
  const laidOut = useLayout(drawable, open, direction, assistantId, generation)
  const [nodes, setNodes, onNodesChange] = useNodesState<FlowNode>([])
  const actions = useMemo(() => createCanvasActions(toggleSubgraph), [toggleSubgraph])
  const { fitView } = useReactFlow()
  const frame = useRef<HTMLDivElement>(null)

  useEffect(() => {
    if (!laidOut) return
    setNodes(laidOut.nodes)
    requestAnimationFrame(() => void fitView(FIT))
  }, [laidOut, setNodes, fitView])
  useEffect(() => {
    if (!frame.current) return
    const observer = new ResizeObserver(() => void fitView(FIT))
    observer.observe(frame.current)
    return () => observer.disconnect()
  }, [fitView])

  const onDragStop: OnNodeDrag<FlowNode> = useCallback((_event, node) => {
    if (assistantId) savePositions(assistantId, { ...loadPositions(assistantId), [node.id]: node.position })
  }, [assistantId])
  const reset = () => {
    if (assistantId) savePositions(assistantId, {})
    setGeneration((count) => count + 1)
  }
  const turn = () => {
    const next = direction === 'DOWN' ? 'RIGHT' : 'DOWN'
    writeStored(DIRECTION_KEY, next)
    reset()
    setDirection(next)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const id = (event.target as HTMLElement).closest('.react-flow__node')?.getAttribute('data-id')
    if (!id) return
    if (event.key === 'b' || event.key === 'B') actions.toggleBreakpoint(id, event.shiftKey ? 'after' : 'before')
    if (event.key === 'Enter' && event.target === event.currentTarget.querySelector(`[data-id="${CSS.escape(id)}"]`)) select({ node: id })
  }

  return (
    <CanvasActionsContext value={actions}>
      <div ref={frame} className={styles['view']} onKeyDown={onKeyDown} role="presentation">
        {!laidOut && <LoadingState label="Laying the graph out" />}
        {laidOut && (
          <ReactFlow
            nodes={nodes} edges={laidOut.edges} nodeTypes={NODE_TYPES} edgeTypes={EDGE_TYPES} onNodesChange={onNodesChange} onNodeDragStop={onDragStop}
            onNodeClick={(_event, node) => select({ node: node.id })} onPaneClick={() => select({ node: null })} defaultEdgeOptions={{ markerEnd: MARKER }}
            nodesConnectable={false} edgesFocusable={false} {...NO_KEYS} minZoom={0.1} maxZoom={2} fitView fitViewOptions={FIT} proOptions={{ hideAttribution: true }}
            ariaLabelConfig={{ 'node.a11yDescription.default': 'Enter shows its output. B stops before it, Shift B after it.' }}
          >
            <Background variant={BackgroundVariant.Dots} gap={20} size={1} />
            <MiniMap pannable zoomable ariaLabel="Overview of the graph" style={{ width: 128, height: 88 }} maskColor="color-mix(in oklab, var(--bg-0) 65%, transparent)" nodeColor={(node) => `oklch(var(--node-l) var(--node-c) ${nodeHue(String(node.data['name']))})`} nodeBorderRadius={6} />
            <Panel position="bottom-left"><CanvasTools direction={direction} onTurn={turn} onReset={reset} /></Panel>
          </ReactFlow>
        )}
      </div>
    </CanvasActionsContext>
  )
}

function CanvasTools({ direction, onTurn, onReset }: { direction: Direction, onTurn: () => void, onReset: () => void }) {
  const { zoomIn, zoomOut, fitView, getNodes } = useReactFlow<FlowNode>()
  const [isSearching, setSearching] = useState(false)
  const find = (text: string) => {
    const found = getNodes().find((node) => text && node.data.name.toLowerCase().includes(text.toLowerCase()))
    if (found) void fitView({ nodes: [{ id: found.id }], maxZoom: 1.2, duration: 200 })
  }
  return (
    <div className={styles['tools']} role="toolbar" aria-label="Canvas">
      <IconButton label="Zoom in" small onClick={() => void zoomIn()}><ZoomIn aria-hidden /></IconButton>
      <IconButton label="Zoom out" small onClick={() => void zoomOut()}><ZoomOut aria-hidden /></IconButton>
      <IconButton label="Show all" small onClick={() => void fitView({ ...FIT, duration: 200 })}><Maximize aria-hidden /></IconButton>
      <IconButton label={direction === 'DOWN' ? 'Lay out left to right' : 'Lay out top down'} small onClick={onTurn}>{direction === 'DOWN' ? <ArrowLeftRight aria-hidden /> : <ArrowDownUp aria-hidden />}</IconButton>
      <IconButton label="Reset positions" small onClick={onReset}><RotateCcw aria-hidden /></IconButton>
      <IconButton label="Find a node" small aria-pressed={isSearching} onClick={() => setSearching(!isSearching)}><Search aria-hidden /></IconButton>
      {isSearching && <label className={styles['search']}><span className="visually-hidden">Find a node</span><input autoFocus placeholder="Node name" onChange={(event) => find(event.target.value)} onKeyDown={(event) => event.key === 'Escape' && setSearching(false)} /></label>}
    </div>
  )
}
