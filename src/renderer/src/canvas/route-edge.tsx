import { BaseEdge, EdgeLabelRenderer, getSmoothStepPath, type EdgeProps } from '@xyflow/react'
import styles from './canvas.module.css'
import type { FlowEdge } from './graph-to-flow.ts'

/** Conditional routes are dashed and say when. */
export function RouteEdge({ id, sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition, data, markerEnd }: EdgeProps<FlowEdge>) {
  const isSide = sourcePosition === targetPosition
  const [path, labelX, labelY] = getSmoothStepPath({ sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition, borderRadius: 14, offset: isSide ? data?.detour ?? 34 : 18 })
  return (
    <>
      <BaseEdge id={id} path={path} {...(markerEnd ? { markerEnd } : {})} style={{ stroke: 'var(--line-2)', strokeWidth: 1.5, ...(data?.conditional ? { strokeDasharray: '5 4' } : {}) }} />
      {data?.label && (
        <EdgeLabelRenderer>
          <span className={styles['label']} title={data.label} style={{ transform: `translate(-50%, -50%) translate(${labelX}px, ${labelY}px)` }}>{data.label}</span>
        </EdgeLabelRenderer>
      )}
    </>
  )
}
