import { ChevronLeft, ChevronRight, GitCompareArrows, Pause, Play, SkipBack, SkipForward } from 'lucide-react'
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react'
import { useStudio } from '../../app-store.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { EmptyState, FailedState, LoadingState } from '../../ui/pane-state.tsx'
import { shownEntry } from './branch.ts'
import { CompareDialog } from './compare-dialog.tsx'
import styles from './history.module.css'
import { lanesOf, moveFrom, siblingsOf, type Dot, type Lanes, type Move } from './lanes.ts'
import { COLUMN, idOf, StripGraphic, visibleColumns, xOf } from './strip-graphic.tsx'

const MOVES: Readonly<Record<string, Move>> = { ArrowLeft: 'left', ArrowRight: 'right', ArrowUp: 'up', ArrowDown: 'down', Home: 'first', End: 'last', h: 'left', l: 'right' }
const PLAY_MS = 700

const plural = (n: number, one: string, many: string) => `${n} ${n === 1 ? one : many}`

/** Time as a place: every superstep a dot, every fork a lane. */
export function HistoryStrip() {
  const { status, entries, error, threadId } = useStudio((state) => state.history)
  const loadHistory = useStudio((state) => state.loadHistory)
  const isLive = useStudio((state) => state.run.threadId === threadId && (state.run.phase === 'running' || state.run.phase === 'starting'))
  const lanes = useMemo(() => lanesOf(entries, isLive), [entries, isLive])
  const body = () => {
    if (status === 'failed') return <FailedState title="The history can't be read" action={<Button onClick={() => threadId && void loadHistory(threadId)}>Try again</Button>}>{error}</FailedState>
    if (status === 'loading') return <LoadingState label="Reading the history" />
    if (entries.length === 0) return <EmptyState title="No history yet">Every superstep of a run becomes a checkpoint here: to look at, to edit, to fork from.</EmptyState>
    return null
  }
  return <section className={styles['strip']} aria-label="History">{entries.length && status !== 'failed' ? <Strip lanes={lanes} /> : <><StripTitle lanes={lanes} />{body()}</>}</section>
}

function StripTitle({ lanes }: { lanes: Lanes }) {
  return (
    <div className={styles['head']}>
      <h2>History</h2>
      {lanes.dots.length > 0 && <span className={styles['count']}>{plural(lanes.dots.length, 'checkpoint', 'checkpoints')} · {plural(lanes.lanes.length, 'branch', 'branches')}</span>}
    </div>
  )
}

function Strip({ lanes }: { lanes: Lanes }) {
  const entries = useStudio((state) => state.history.entries)
  const checkpointId = useStudio((state) => state.selection.checkpointId)
  const select = useStudio((state) => state.select)
  const scroller = useRef<HTMLDivElement>(null)
  const [visible, setVisible] = useState({ first: 0, last: 60 })
  const [compared, setCompared] = useState<readonly string[] | null>(null)
  const [isPlaying, setPlaying] = useState(false)
  const shown = shownEntry(entries, checkpointId)
  const selected = lanes.dots.find((dot) => dot.entry === shown) ?? null
  const head = lanes.lanes[0]?.dots.at(-1)

  const measure = () => scroller.current && setVisible(visibleColumns(scroller.current.scrollLeft, scroller.current.clientWidth))
  useEffect(() => {
    const element = scroller.current
    if (!element || !selected) return
    const x = xOf(selected)
    if (x < element.scrollLeft + COLUMN || x > element.scrollLeft + element.clientWidth - COLUMN * 3) element.scrollLeft = x - element.clientWidth / 2
    setVisible(visibleColumns(element.scrollLeft, element.clientWidth))
  }, [selected, lanes])

  // The head is followed, not pinned: new supersteps are shown as they come.
  const go = (dot: Dot | null) => dot && select({ checkpointId: dot === head ? null : dot.entry.checkpoint_id })
  const next = selected && moveFrom(lanes, selected, 'right')
  useEffect(() => {
    if (!isPlaying) return
    const timer = setTimeout(() => {
      if (!next || next === selected) setPlaying(false)
      else go(next)
    }, PLAY_MS)
    return () => clearTimeout(timer)
  })

  const pick = (dot: Dot) => {
    if (!compared) return go(dot)
    const ids = [...compared.filter((id) => id !== dot.entry.checkpoint_id), dot.entry.checkpoint_id]
    setCompared(ids.slice(-2))
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const move = MOVES[event.key]
    if (!move || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    const dot = moveFrom(lanes, selected, move)
    go(dot)
  }
  const play = () => {
    if (!isPlaying && selected === lanes.lanes[selected?.lane ?? 0]?.dots.at(-1)) go(lanes.lanes[0]?.dots[0] ?? null)
    setPlaying(!isPlaying)
  }
  const siblings = siblingsOf(entries, shown)
  const at = siblings.findIndex((sibling) => sibling === shown)
  const sibling = (step: number) => {
    const entry = siblings[(at + step + siblings.length) % siblings.length]
    go(lanes.dots.find((dot) => dot.entry === entry) ?? null)
  }

  return (
    <>
      <div className={styles['head']}>
        <h2>History</h2>
        <span className={styles['count']}>{plural(lanes.dots.length, 'checkpoint', 'checkpoints')} · {plural(lanes.lanes.length, 'branch', 'branches')}</span>
        <span className={styles['grow']} />
        {siblings.length > 1 && (
          <span className={styles['forks']}>
            <IconButton label="Previous fork" small onClick={() => sibling(-1)}><ChevronLeft aria-hidden /></IconButton>
            Fork {at + 1} of {siblings.length}
            <IconButton label="Next fork" small onClick={() => sibling(1)}><ChevronRight aria-hidden /></IconButton>
          </span>
        )}
        <IconButton label="Step back" shortcut="←" onClick={() => go(moveFrom(lanes, selected, 'left'))}><SkipBack aria-hidden /></IconButton>
        <IconButton label={isPlaying ? 'Pause' : 'Play the history'} onClick={play}>{isPlaying ? <Pause aria-hidden /> : <Play aria-hidden />}</IconButton>
        <IconButton label="Step forward" shortcut="→" onClick={() => go(next)}><SkipForward aria-hidden /></IconButton>
        <Button aria-pressed={compared !== null} onClick={() => setCompared(compared ? null : selected ? [selected.entry.checkpoint_id] : [])}>
          <GitCompareArrows aria-hidden />{compared ? compared.length < 2 ? 'Pick another' : 'Stop comparing' : 'Compare'}
        </Button>
      </div>
      <div
        ref={scroller} className={styles['scroller']} role="listbox" aria-label="Checkpoints" tabIndex={0} aria-activedescendant={selected ? idOf(selected) : undefined}
        onKeyDown={onKeyDown} onScroll={measure}
      >
        <StripGraphic lanes={lanes} visible={visible} selected={selected} compared={compared ?? []} onPick={pick} />
      </div>
      {compared?.length === 2 && <CompareDialog ids={compared as [string, string]} onClose={() => setCompared(null)} />}
    </>
  )
}
