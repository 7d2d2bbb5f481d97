import type { TimelineEntry } from '@contract/studio.ts'

export interface Dot {
  readonly entry: TimelineEntry
  /** Steps from the first checkpoint: the column. */
  readonly column: number
  readonly lane: number
}
export interface Lane {
  readonly index: number
  /** First to last checkpoint of this lane alone. */
  readonly dots: readonly Dot[]
  /** Where it leaves another lane; null for the trunk. */
  readonly from: Dot | null
  readonly label: string
  readonly outcome: 'waiting' | 'failed' | 'done'
}
export interface Lanes { readonly lanes: readonly Lane[], readonly dots: readonly Dot[], readonly columns: number }

/**
 * A thread's checkpoints as lanes, like the branches of a commit graph. The trunk is the way to the newest checkpoint; every
 * other tip is a lane of its own from where it leaves, newest first. `isLive`: a run goes on at the newest one. Pure.
 */
export function lanesOf(entries: readonly TimelineEntry[], isLive = false): Lanes {
  const byId = new Map(entries.map((entry) => [entry.checkpoint_id, entry]))
  const parents = new Set(entries.map((entry) => entry.parent_checkpoint_id))
  const tips = entries.filter((entry) => !parents.has(entry.checkpoint_id)).toSorted((a, b) => a.checkpoint_id < b.checkpoint_id ? 1 : -1)
  const placed = new Map<string, Dot>()
  const lanes = tips.map((tip, index): Lane => {
    const path: TimelineEntry[] = []
    let at: TimelineEntry | undefined = tip
    while (at && !placed.has(at.checkpoint_id) && path.length <= entries.length) {
      path.push(at)
      at = at.parent_checkpoint_id ? byId.get(at.parent_checkpoint_id) : undefined
    }
    const from = at ? placed.get(at.checkpoint_id) ?? null : null
    const dots = path.reverse().map((entry, i): Dot => ({ entry, lane: index, column: (from ? from.column + 1 : 0) + i }))
    for (const dot of dots) placed.set(dot.entry.checkpoint_id, dot)
    return { index, dots, from, ...describe(tip, index, isLive && index === 0) }
  })
  return { lanes, dots: [...placed.values()], columns: [...placed.values()].reduce((most, dot) => Math.max(most, dot.column + 1), 0) }
}

function describe(tip: TimelineEntry, index: number, isLive: boolean): Pick<Lane, 'label' | 'outcome'> {
  const name = index === 0 ? 'main' : `branch ${index}`
  const at = [...new Set(tip.next)].join(', ')
  if (isLive) return { label: `${name} · running ${at}`, outcome: 'done' }
  if (tip.error) return { label: `${name} · failed at ${at || tip.nodes[0] || 'start'}`, outcome: 'failed' }
  if (at) return { label: `${name} · ${tip.interrupts ? 'waits at' : 'stops before'} ${at}`, outcome: 'waiting' }
  return { label: `${name} · ${tip.nodes[0] ? `ended with ${tip.nodes.join(', ')}` : tip.source}`, outcome: 'done' }
}

export type Move = 'left' | 'right' | 'up' | 'down' | 'first' | 'last'

/** Where a key leads from a dot: along its branch, or to the nearest dot of the lane beside. */
export function moveFrom(lanes: Lanes, current: Dot | null, move: Move): Dot | null {
  if (!current) return lanes.lanes[0]?.dots.at(-1) ?? null
  const lane = lanes.lanes[current.lane]!
  const i = lane.dots.indexOf(current)
  const beside = (step: number) => {
    const dots = lanes.lanes[current.lane + step]?.dots ?? []
    return dots.reduce<Dot | null>((best, dot) => !best || Math.abs(dot.column - current.column) < Math.abs(best.column - current.column) ? dot : best, null)
  }
  const moves: Record<Move, () => Dot | null | undefined> = {
    left: () => lane.dots[i - 1] ?? lane.from, right: () => lane.dots[i + 1], up: () => beside(-1), down: () => beside(1),
    first: () => lanes.lanes[0]?.dots[0], last: () => lane.dots.at(-1),
  }
  return moves[move]() ?? current
}

/** Branches that go on from the same checkpoint as the given one, in order of time; one alone is no fork. */
export function siblingsOf(entries: readonly TimelineEntry[], entry: TimelineEntry | null): readonly TimelineEntry[] {
  if (!entry?.parent_checkpoint_id) return []
  return entries.filter((candidate) => candidate.parent_checkpoint_id === entry.parent_checkpoint_id)
}
