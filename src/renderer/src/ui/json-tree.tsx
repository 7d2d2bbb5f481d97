import { useVirtualizer } from '@tanstack/react-virtual'
import { ChevronDown, ChevronRight, Copy } from 'lucide-react'
import { useMemo, useRef, useState, type KeyboardEvent } from 'react'
import { formatBytes } from '../lib/format-time.ts'
import { jsonSize, summarise, treeRows, type Choices, type Mark, type TreeRow } from '../lib/tree-rows.ts'
import { classNames } from './class-names.ts'
import { copyText } from './copy-text.ts'
import styles from './json-tree.module.css'

const ROW = 22
const LONGEST = 400
const SIGNS: Readonly<Record<NonNullable<Mark>, [string, string | undefined]>> = { added: ['+', styles['signAdded']], changed: ['~', styles['signChanged']], removed: ['−', styles['signRemoved']] }

function Leaf({ value }: { value: unknown }) {
  if (typeof value === 'string') return <span className={classNames(styles['value'], styles['text'])}>{JSON.stringify(value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value)}</span>
  if (value === null || value === undefined) return <span className={classNames(styles['value'], styles['null'])}>null</span>
  return <span className={classNames(styles['value'], styles['number'])}>{String(value)}</span>
}

interface JsonTreeProps {
  readonly value: unknown
  /** What to mark changes against; undefined marks nothing. */
  readonly before?: unknown
  readonly onlyChanges?: boolean
  readonly label: string
}

/** A value as a tree: lazy, virtual, changes marked, driven by the arrow keys. */
export function JsonTree({ value, before, onlyChanges, label }: JsonTreeProps) {
  const [choices, setChoices] = useState<Choices>({})
  const [current, setCurrent] = useState(0)
  const scroller = useRef<HTMLDivElement>(null)
  const rows = useMemo(() => treeRows(value, before, choices, onlyChanges), [value, before, choices, onlyChanges])
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => ROW, overscan: 12 })
  const toggle = (row: TreeRow, open = !row.isOpen) => row.isContainer && setChoices((known) => ({ ...known, [row.path]: open }))
  const move = (index: number) => {
    const next = Math.min(Math.max(index, 0), rows.length - 1)
    setCurrent(next)
    virtual.scrollToIndex(next)
  }
  const keys: Readonly<Record<string, (row: TreeRow) => void>> = {
    ArrowDown: () => move(current + 1), ArrowUp: () => move(current - 1), Home: () => move(0), End: () => move(rows.length - 1),
    ArrowRight: (row) => row.isContainer && !row.isOpen ? toggle(row, true) : move(current + 1),
    ArrowLeft: (row) => row.isOpen ? toggle(row, false) : move(rows.findLastIndex((candidate, i) => i < current && candidate.depth < row.depth)),
    Enter: (row) => toggle(row),
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const row = rows[current]
    if (row && (event.ctrlKey || event.metaKey) && event.key === 'c' && !getSelection()?.toString()) copyValue(row.value)
    const action = keys[event.key]
    if (!row || !action || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    action(row)
  }
  return (
    <div ref={scroller} className={styles['tree']} role="tree" aria-label={label} tabIndex={0} aria-activedescendant={rows[current] ? `row${rows[current].path}` : undefined} onKeyDown={onKeyDown}>
      <div className={styles['space']} style={{ height: virtual.getTotalSize() }} role="presentation">
        {virtual.getVirtualItems().map(({ index, start }) => {
          const row = rows[index]!
          return <Row key={row.path} row={row} isCurrent={index === current} top={start} onClick={() => {
            setCurrent(index)
            toggle(row)
          }} />
        })}
      </div>
    </div>
  )
}

const copyValue = (value: unknown) => copyText(typeof value === 'string' ? value : JSON.stringify(value, null, 2))

function Row({ row, isCurrent, top, onClick }: { row: TreeRow, isCurrent: boolean, top: number, onClick: () => void }) {
  const [sign, signClass] = row.mark ? SIGNS[row.mark] : ['', undefined]
  const size = row.isContainer || typeof row.value === 'string' ? jsonSize(row.value) : 0
  return (
    <div
      id={`row${row.path}`} role="treeitem" aria-level={row.depth + 1} aria-selected={isCurrent} {...(row.isContainer ? { 'aria-expanded': row.isOpen } : {})} aria-label={`${row.label}${row.mark ? `, ${row.mark}` : ''}: ${row.isContainer ? summarise(row.value as object) : String(row.value).slice(0, 200)}`}
      className={classNames(styles['row'], row.mark === 'added' && styles['added'], row.mark === 'removed' && styles['removed'], isCurrent && styles['current'])}
      style={{ transform: `translateY(${top}px)`, paddingLeft: 4 + row.depth * 14 }} onClick={onClick} tabIndex={-1}
    >
      <span className={classNames(styles['sign'], signClass)} aria-hidden>{sign}</span>
      <span className={styles['chevron']} aria-hidden>{row.isContainer && (row.isOpen ? <ChevronDown /> : <ChevronRight />)}</span>
      <span className={styles['key']} title={row.label}>{row.label}:</span>
      {row.isContainer ? <span className={classNames(styles['value'], styles['dim'])}>{summarise(row.value as object)}</span> : <Leaf value={row.value} />}
      <span className={styles['grow']} />
      <button type="button" tabIndex={-1} className={styles['copy']} aria-label={`Copy ${row.label}`} title="Copy the value" onClick={(event) => {
        event.stopPropagation()
        copyValue(row.value)
      }}><Copy aria-hidden /></button>
      {size > 80 && <span className={styles['size']}>{formatBytes(size)}</span>}
    </div>
  )
}
