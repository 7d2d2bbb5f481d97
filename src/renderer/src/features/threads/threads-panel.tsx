import type { ThreadSummary } from '@contract/studio.ts'
import { useVirtualizer } from '@tanstack/react-virtual'
import { ListFilter, MessagesSquare, Plus, Search } from 'lucide-react'
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react'
import { toast } from 'sonner'
import { errorText } from '../../api/api-error.ts'
import { useStudio, useStudioActions } from '../../app-store.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { ConfirmDialog } from '../../ui/dialog.tsx'
import { Menu } from '../../ui/menu.tsx'
import { EmptyState, FailedState, LoadingState } from '../../ui/pane-state.tsx'
import { useNow } from '../../ui/use-now.ts'
import { RenameDialog } from './rename-dialog.tsx'
import { rowsOf, STATUS_LABELS, titleOf } from './thread-groups.ts'
import { ThreadRowView } from './thread-row.tsx'
import styles from './threads.module.css'

const HEIGHTS = { day: 29, thread: 50 }

const report = (action: Promise<void>) => void action.catch((error: unknown) => toast.error(errorText(error)))

export function ThreadsPanel() {
  const threads = useStudio((state) => state.threads)
  const select = useStudio((state) => state.select)
  const filterThreads = useStudio((state) => state.filterThreads)
  return (
    <nav className={styles['panel']} aria-label="Threads">
      <div className={styles['head']}>
        <h2>Threads</h2>
        {threads.total > 0 && <span className={styles['count']}>{threads.total}</span>}
        <span className={styles['grow']} />
        <Menu
          align="end"
          trigger={<IconButton label={threads.filter ? `Only: ${STATUS_LABELS[threads.filter]}` : 'Filter by status'} aria-pressed={threads.filter !== null}><ListFilter aria-hidden /></IconButton>}
          items={[null, 'interrupted', 'busy', 'error', 'idle'].map((status) => ({
            id: String(status), label: status ? STATUS_LABELS[status as ThreadSummary['status']] : 'All threads', checked: threads.filter === status,
            onSelect: () => filterThreads({ filter: status as ThreadSummary['status'] | null }),
          }))}
        />
        <IconButton label="New thread" shortcut="N" onClick={() => select({ threadId: null })}><Plus aria-hidden /></IconButton>
      </div>
      <label className={styles['find']}>
        <Search aria-hidden />
        <span className="visually-hidden">Filter threads</span>
        <input value={threads.query} placeholder="Filter by title or id" onChange={(event) => filterThreads({ query: event.target.value })} />
      </label>
      <ThreadListBody />
    </nav>
  )
}

function ThreadListBody() {
  const { status, items, error, query, filter } = useStudio((state) => state.threads)
  const { loadThreads, filterThreads } = useStudioActions()
  if (status === 'failed' && items.length === 0) return <FailedState title="The threads can't be read" action={<Button onClick={() => void loadThreads()}>Try again</Button>}>{error}</FailedState>
  if (status !== 'ready' && items.length === 0) return <LoadingState label="Reading threads" />
  if (items.length === 0 && (query || filter))
    return <EmptyState title="Nothing matches" action={<Button onClick={() => filterThreads({ query: '', filter: null })}>Show all threads</Button>}>No thread has this title, id or status.</EmptyState>
  if (items.length === 0) return <EmptyState icon={<MessagesSquare aria-hidden />} title="No threads yet">A thread keeps every superstep of its runs. The first run makes one.</EmptyState>
  return <ThreadList threads={items} />
}

function ThreadList({ threads }: { threads: readonly ThreadSummary[] }) {
  const now = useNow()
  const scroller = useRef<HTMLDivElement>(null)
  const rows = useMemo(() => rowsOf(threads, now), [threads, now])
  const selectedId = useStudio((state) => state.selection.threadId)
  const hasStudioApi = useStudio((state) => state.connection.hasStudioApi)
  const { select, loadMoreThreads, copyThread, deleteThread, renameThread, saveThread } = useStudioActions()
  const [asked, setAsked] = useState<{ action: 'delete' | 'rename', thread: ThreadSummary } | null>(null)
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: (i) => HEIGHTS[rows[i]!.kind], overscan: 8 })
  const visible = virtual.getVirtualItems()
  const isAtEnd = (visible.at(-1)?.index ?? 0) >= rows.length - 1
  useEffect(() => {
    if (isAtEnd) void loadMoreThreads()
  }, [isAtEnd, loadMoreThreads])

  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key]
    if (!step) return
    event.preventDefault()
    const at = threads.findIndex((thread) => thread.thread_id === selectedId)
    const next = threads[Math.min(Math.max(at + step, 0), threads.length - 1)]
    if (next) select({ threadId: next.thread_id })
  }

  return (
    <div ref={scroller} className={styles['list']} role="presentation" onKeyDown={onKeyDown}>
      <ul className={styles['space']} style={{ height: virtual.getTotalSize() }}>
        {visible.map(({ index, start, key, size }) => {
          const row = rows[index]!
          const style = { transform: `translateY(${start}px)`, height: size }
          if (row.kind === 'day') return <li key={key} className={styles['day']} style={style}>{row.label}</li>
          const { thread } = row
          return (
            <ThreadRowView
              key={key} thread={thread} now={now} style={style} selected={thread.thread_id === selectedId}
              onOpen={() => select({ threadId: thread.thread_id })}
              onCopy={() => report(copyThread(thread.thread_id))}
              onSave={hasStudioApi ? () => report(saveThread(thread.thread_id)) : null}
              onRename={() => setAsked({ action: 'rename', thread })}
              onDelete={() => setAsked({ action: 'delete', thread })}
            />
          )
        })}
      </ul>
      {asked && (
        <ConfirmDialog
          open={asked.action === 'delete'} title={`Delete “${titleOf(asked.thread)}”?`} text="Its runs and all of its checkpoints go with it. This can't be undone." confirm="Delete thread"
          onConfirm={() => report(deleteThread(asked.thread.thread_id))} onClose={() => setAsked(null)}
        />
      )}
      {asked?.action === 'rename' && <RenameDialog thread={asked.thread} onRename={(title) => report(renameThread(asked.thread.thread_id, title))} onClose={() => setAsked(null)} />}
    </div>
  )
}
