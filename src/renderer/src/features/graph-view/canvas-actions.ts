import type { CanvasActions, CardRun } from '../../canvas/node-card.tsx'
import { studioStore, useStudio, type StudioState } from '../../app-store.ts'
import { formatDuration } from '../../lib/format-time.ts'
import { marksOf, memoizeLast } from '../history/index.ts'

const NO_STOPS = { before: false, after: false }
const IDLE: CardRun = { status: 'idle', meta: null, instances: 1 }
const marks = memoizeLast(marksOf)

/** A live run tells most; a checkpoint looked at tells what its branch did; both are empty before the first run. */
export function cardRunOf(state: StudioState, path: string): CardRun {
  const { runView, selection, run, history } = state
  const live = Object.hasOwn(runView.nodes, path) ? runView.nodes[path] : undefined
  const isOwn = history.threadId === selection.threadId && run.phase !== 'starting'
  const mark = isOwn ? marks(history.entries, selection.checkpointId)[path] : undefined
  if (live && !selection.checkpointId) {
    // Once it is over, the checkpoint has the last word: a task that threw is never told as ended.
    const settled = run.phase === 'idle' && mark && mark.status !== 'done' && mark.status !== 'next' ? mark.status : null
    const status = settled ?? (live.status === 'interrupted' ? 'waiting' : live.status)
    const meta = [live.passes > live.widest ? `pass ${Math.ceil(live.passes / live.widest)}` : null, live.lastMs !== null && status !== 'running' ? formatDuration(live.lastMs) : null, live.tokens ? `${live.tokens} tok` : null]
    return { status, meta: meta.filter(Boolean).slice(0, 2).join(' · ') || null, instances: live.widest }
  }
  if (!mark) return IDLE
  return { status: mark.status, meta: mark.status === 'waiting' || mark.status === 'next' ? 'next' : mark.passes > 1 ? `${mark.passes} passes` : null, instances: 1 }
}

const sameRun = (a: CardRun, b: CardRun) => a.status === b.status && a.meta === b.meta && a.instances === b.instances

/** Each card keeps its own last answer, so it draws only when that changes. */
const lastRuns = new Map<string, CardRun>()
function stableRun(state: StudioState, path: string): CardRun {
  const next = cardRunOf(state, path)
  const last = lastRuns.get(path)
  if (last && sameRun(last, next)) return last
  lastRuns.set(path, next)
  return next
}

export const createCanvasActions = (toggleSubgraph: (path: string) => void): CanvasActions => ({
  useCardRun: (path) => useStudio((state) => stableRun(state, path)),
  useBreakpoint: (path) => useStudio((state) => state.breakpoints[state.selection.assistantId ?? '']?.[path] ?? NO_STOPS),
  useIsSelected: (path) => useStudio((state) => state.selection.node === path),
  toggleBreakpoint: (path, side) => studioStore.getState().toggleBreakpoint(path, side),
  toggleSubgraph,
})
