import { Handle, Position, type NodeProps } from '@xyflow/react'
import { Box, Check, FoldVertical, Hand, UnfoldVertical, X } from 'lucide-react'
import { createContext, memo, use, type ReactNode } from 'react'
import { nodeHue } from '../lib/node-hue.ts'
import { classNames } from '../ui/class-names.ts'
import styles from './canvas.module.css'
import type { FlowNode } from './graph-to-flow.ts'

export type CardStatus = 'idle' | 'running' | 'done' | 'next' | 'waiting' | 'error'

/** What a card shows of a run; found by each card for itself. */
export interface CardRun { readonly status: CardStatus, readonly meta: string | null, readonly instances: number }

/** The canvas knows no store: whoever mounts it says how cards learn about runs and what their buttons do. */
export interface CanvasActions {
  useCardRun(path: string): CardRun
  useBreakpoint(path: string): { before: boolean, after: boolean }
  useIsSelected(path: string): boolean
  toggleBreakpoint(path: string, side: 'before' | 'after'): void
  toggleSubgraph(path: string): void
}
export const CanvasActionsContext = createContext<CanvasActions | null>(null)

function useActions(): CanvasActions {
  const actions = use(CanvasActionsContext)
  if (!actions) throw new Error('A canvas needs its CanvasActionsContext.')
  return actions
}

const ICONS: Record<CardStatus, ReactNode> = {
  idle: null,
  next: null,
  running: <span className={styles['ring']} role="img" aria-label="running" />,
  done: <span className={classNames(styles['state'], styles['done'])}><Check aria-label="done" /></span>,
  waiting: <span className={classNames(styles['state'], styles['waiting'])}><Hand aria-label="waits" /></span>,
  error: <span className={classNames(styles['state'], styles['failed'])}><X aria-label="failed" /></span>,
}
const FRAME_CLASSES: Record<CardStatus, string | undefined> = { idle: styles['isUnvisited'], running: styles['isRunning'], done: undefined, next: styles['isNext'], waiting: styles['isWaiting'], error: styles['isFailed'] }

/** Edges going on leave below; routes that lead back run along the right side. */
function Handles() {
  return (
    <>
      <Handle id="top" type="target" position={Position.Top} className={styles['handle']!} isConnectable={false} />
      <Handle id="bottom" type="source" position={Position.Bottom} className={styles['handle']!} isConnectable={false} />
      <Handle id="left" type="target" position={Position.Left} className={styles['handle']!} isConnectable={false} />
      <Handle id="right" type="source" position={Position.Right} className={styles['handle']!} isConnectable={false} />
      <Handle id="back" type="target" position={Position.Right} className={styles['handle']!} isConnectable={false} />
    </>
  )
}

function BreakpointDot({ path, name, side, isSet }: { path: string, name: string, side: 'before' | 'after', isSet: boolean }) {
  const { toggleBreakpoint } = useActions()
  return (
    <button
      type="button" className={classNames(styles['point'], styles[side], 'nodrag')} aria-pressed={isSet} aria-label={`Stop ${side} ${name}`} title={isSet ? `Stops ${side} ${name}. Click to remove.` : `Stop ${side} ${name}`}
      onClick={(event) => {
        event.stopPropagation()
        toggleBreakpoint(path, side)
      }}
    />
  )
}

const NodeCard = memo(function NodeCard({ data: { name, path, isSubgraph } }: NodeProps<FlowNode>) {
  const { useCardRun, useBreakpoint, useIsSelected, toggleSubgraph } = useActions()
  const { status, meta, instances } = useCardRun(path)
  const { before, after } = useBreakpoint(path)
  const isSelected = useIsSelected(path)
  // Servers stop at nodes of the graph itself only.
  const canStop = !path.includes(':')
  return (
    <div className={classNames(styles['card'], FRAME_CLASSES[status], isSelected && styles['isSelected'], instances > 1 && styles['stacked'])} data-status={status}>
      <Handles />
      <span className={styles['tint']} style={{ background: `oklch(var(--node-l) var(--node-c) ${nodeHue(name)})` }} />
      <span className={styles['name']} title={path}>{name}</span>
      {isSubgraph && (
        <button type="button" className={classNames(styles['fold'], 'nodrag')} aria-label={`Open the subgraph ${name}`} title="Open this subgraph" onClick={(event) => {
          event.stopPropagation()
          toggleSubgraph(path)
        }}><UnfoldVertical aria-hidden /></button>
      )}
      {instances > 1 && <span className={styles['meta']}>×{instances}</span>}
      {meta && <span className={styles['meta']}>{meta}</span>}
      {ICONS[status]}
      {canStop && <BreakpointDot path={path} name={name} side="before" isSet={before} />}
      {canStop && <BreakpointDot path={path} name={name} side="after" isSet={after} />}
    </div>
  )
})

const TerminalCard = memo(function TerminalCard({ data }: NodeProps<FlowNode>) {
  return (
    <div className={styles['terminal']}>
      <Handles />
      {data.name}
    </div>
  )
})

const FrameCard = memo(function FrameCard({ data: { name, path } }: NodeProps<FlowNode>) {
  const { useCardRun, toggleSubgraph } = useActions()
  const { status, meta, instances } = useCardRun(path)
  return (
    <div className={classNames(styles['frame'], status === 'running' && styles['isRunning'])}>
      <Handles />
      <div className={styles['frameHead']}>
        <Box aria-hidden width={14} height={14} />
        <span className={styles['name']} title={path}>{name}</span>
        {instances > 1 && <span className={styles['meta']}>×{instances}</span>}
        <span className={styles['grow']} />
        {meta && <span className={styles['meta']}>{meta}</span>}
        {ICONS[status]}
        <button type="button" className={classNames(styles['fold'], 'nodrag')} aria-label={`Close the subgraph ${name}`} title="Close this subgraph" onClick={(event) => {
          event.stopPropagation()
          toggleSubgraph(path)
        }}><FoldVertical aria-hidden /></button>
      </div>
    </div>
  )
})

/** A constant: React Flow forgets its measurements when this changes. */
export const NODE_TYPES = { card: NodeCard, terminal: TerminalCard, frame: FrameCard }
