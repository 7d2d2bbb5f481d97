import { memo } from 'react'
import { nodeHue } from '../../lib/node-hue.ts'
import { classNames } from '../../ui/class-names.ts'
import styles from './history.module.css'
import type { Dot, Lane, Lanes } from './lanes.ts'

export const COLUMN = 56
export const LANE = 26
const LEFT = 28
const TOP = 26
const LABEL_ROOM = 260

export const xOf = (dot: Dot): number => LEFT + dot.column * COLUMN
const yOf = (lane: number): number => TOP + lane * LANE

/** Columns that can be seen, with a little room on both sides. */
export interface Visible { readonly first: number, readonly last: number }
export const visibleColumns = (scrollLeft: number, width: number): Visible => ({ first: Math.floor((scrollLeft - LEFT) / COLUMN) - 8, last: Math.ceil((scrollLeft + width - LEFT) / COLUMN) + 8 })

export const idOf = (dot: Dot): string => `checkpoint-${dot.entry.checkpoint_id}`

export function describeDot({ entry }: Dot): string {
  const what = entry.nodes.length ? `after ${entry.nodes.join(', ')}` : entry.source
  const then = entry.error ? `, failed: ${entry.error}` : entry.interrupts ? `, waits at ${entry.next.join(', ')}` : ''
  return `Superstep ${entry.step} ${what}${then}`
}

interface GraphicProps {
  readonly lanes: Lanes
  readonly visible: Visible
  readonly selected: Dot | null
  readonly compared: readonly string[]
  onPick(dot: Dot): void
}

/** Draws only what can be seen: a thread may have thousands of checkpoints. */
export const StripGraphic = memo(function StripGraphic({ lanes, visible, selected, compared, onPick }: GraphicProps) {
  const width = LEFT + lanes.columns * COLUMN + LABEL_ROOM
  const height = TOP + lanes.lanes.length * LANE
  const isSeen = (dot: Dot) => dot.column >= visible.first && dot.column <= visible.last
  const steps = new Map(lanes.dots.filter(isSeen).toReversed().map((dot) => [dot.column, dot.entry.step]))
  return (
    <svg className={styles['svg']} width={width} height={height} role="presentation">
      {[...steps].map(([column, step]) => <text key={column} className={styles['axis']} x={LEFT + column * COLUMN} y={10}>{step}</text>)}
      {selected && <line className={styles['playhead']} x1={xOf(selected)} x2={xOf(selected)} y1={14} y2={height} />}
      {lanes.lanes.map((lane) => <LaneLine key={lane.index} lane={lane} />)}
      {lanes.lanes.map((lane) => <LaneLabel key={lane.index} lane={lane} />)}
      {lanes.dots.filter(isSeen).map((dot) => {
        const { entry } = dot
        const hue = nodeHue(entry.nodes[0] ?? entry.source)
        const isWaiting = entry.interrupts > 0
        return (
          <circle
            key={entry.checkpoint_id} id={idOf(dot)} role="option" aria-selected={selected === dot} aria-label={describeDot(dot)} cx={xOf(dot)} cy={yOf(dot.lane)} r={selected === dot ? 7 : 6}
            className={classNames(styles['dot'], isWaiting && styles['waiting'], Boolean(entry.error) && styles['failed'], selected === dot && styles['selected'], compared.includes(entry.checkpoint_id) && styles['compared'])}
            {...(isWaiting || entry.error ? {} : { style: { fill: `oklch(var(--node-l) var(--node-c) ${hue})` } })}
            onClick={() => onPick(dot)}
          >
            <title>{`${describeDot(dot)}\n${entry.checkpoint_id}${entry.changed.length ? `\nchanged: ${entry.changed.join(', ')}` : ''}`}</title>
          </circle>
        )
      })}
    </svg>
  )
})

function LaneLine({ lane }: { lane: Lane }) {
  const [first, last] = [lane.dots[0], lane.dots.at(-1)]
  if (!first || !last) return null
  const y = yOf(lane.index)
  const start = lane.from ? `M ${xOf(lane.from)} ${yOf(lane.from.lane)} C ${xOf(lane.from) + COLUMN * 0.6} ${yOf(lane.from.lane)}, ${xOf(first) - COLUMN * 0.6} ${y}, ${xOf(first)} ${y}` : `M ${xOf(first)} ${y}`
  return <path className={classNames(styles['path'], lane.index > 0 && styles['fork'])} d={`${start} L ${xOf(last)} ${y}`} />
}

function LaneLabel({ lane }: { lane: Lane }) {
  const last = lane.dots.at(-1)
  if (!last) return null
  return <text className={classNames(styles['label'], lane.outcome === 'failed' && styles['labelFailed'], lane.outcome === 'waiting' && styles['labelWaiting'])} x={xOf(last) + 16} y={yOf(lane.index) + 4}>{lane.label}</text>
}
