import type { ThreadSummary } from '@contract/studio.ts'
import { Copy, Download, Ellipsis, GitFork, Link2, Pencil, Trash2 } from 'lucide-react'
import type { CSSProperties } from 'react'
import { IconButton } from '../../ui/button.tsx'
import { copyText } from '../../ui/copy-text.ts'
import { classNames } from '../../ui/class-names.ts'
import { Menu } from '../../ui/menu.tsx'
import { StatusDot } from '../../ui/status-dot.tsx'
import { DOTS, STATUS_LABELS, subtitleOf, titleOf } from './thread-groups.ts'
import styles from './threads.module.css'

interface ThreadRowProps {
  readonly thread: ThreadSummary
  readonly selected: boolean
  readonly now: number
  readonly style: CSSProperties
  onOpen(): void
  onRename(): void
  onCopy(): void
  /** Null where the server can't. */
  readonly onSave: (() => void) | null
  onDelete(): void
}

export function ThreadRowView({ thread, selected, now, style, onOpen, onRename, onCopy, onSave, onDelete }: ThreadRowProps) {
  const title = titleOf(thread)
  return (
    <li className={classNames(styles['row'], selected && styles['selected'])} style={style}>
      <span className={styles['dot']}><StatusDot status={DOTS[thread.status]} label={STATUS_LABELS[thread.status]} /></span>
      <button type="button" className={styles['open']} aria-current={selected ? 'true' : undefined} onClick={onOpen} title={`${title}\n${thread.thread_id}${thread.error ? `\n${thread.error}` : ''}`}>
        <span className={styles['title']}>{title}</span>
        <span className={styles['sub']}>{subtitleOf(thread, now)}</span>
      </button>
      {thread.branches > 1 && <span className={styles['forks']} title={`${thread.branches} branches`}><GitFork aria-hidden />{thread.branches}</span>}
      <Menu
        align="end"
        trigger={<IconButton label={`More about ${title}`} small className={styles['more']}><Ellipsis aria-hidden /></IconButton>}
        items={[
          { id: 'rename', label: 'Rename…', icon: <Pencil aria-hidden />, onSelect: onRename },
          { id: 'copy', label: 'Copy with its history', icon: <Copy aria-hidden />, onSelect: onCopy },
          ...(onSave ? [{ id: 'save', label: 'Save as a file', icon: <Download aria-hidden />, onSelect: onSave }] : []),
          { id: 'id', label: 'Copy its id', icon: <Link2 aria-hidden />, onSelect: () => copyText(thread.thread_id) },
          { id: 'delete', label: 'Delete…', icon: <Trash2 aria-hidden />, danger: true, separated: true, onSelect: onDelete },
        ]}
      />
    </li>
  )
}
