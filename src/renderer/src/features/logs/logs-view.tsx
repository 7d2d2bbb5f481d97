import type { GraphLog } from '@contract/studio.ts'
import { useVirtualizer } from '@tanstack/react-virtual'
import { Eraser, Terminal } from 'lucide-react'
import { useEffect, useMemo, useRef, useState } from 'react'
import { useStudio, useStudioActions } from '../../app-store.ts'
import { formatClock } from '../../lib/format-time.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { classNames } from '../../ui/class-names.ts'
import { Select, TextInput } from '../../ui/field.tsx'
import { EmptyState, FailedState, LoadingState } from '../../ui/pane-state.tsx'
import styles from './logs.module.css'
import { useLogs } from './use-logs.ts'

const LEVELS: readonly GraphLog['level'][] = ['debug', 'info', 'warn', 'error']

const isShown = (line: GraphLog, text: string, level: number) => LEVELS.indexOf(line.level) >= level && (!text || `${line.text} ${line.node ?? ''} ${line.graph_id ?? ''} ${line.run_id ?? ''}`.toLowerCase().includes(text))

/** What graphs print, with the run and node that printed it: found by text, level, run or node. */
export function LogsView() {
  const hasStudioApi = useStudio((state) => state.connection.hasStudioApi)
  if (!hasStudioApi) return <EmptyState icon={<Terminal aria-hidden />} title="This server tells no logs">The public interface has none: look where the server was started.</EmptyState>
  return <Lines />
}

function Lines() {
  const { lines, error, clear } = useLogs()
  const [text, setText] = useState('')
  const [level, setLevel] = useState(0)
  const shown = useMemo(() => (lines ?? []).filter((line) => isShown(line, text.trim().toLowerCase(), level)), [lines, text, level])
  if (!lines) return error ? <FailedState title="The logs can't be read" detail={error} /> : <LoadingState label="Reading logs" />
  return (
    <section className={styles['view']} aria-label="Logs">
      <div className={styles['head']}>
        <h2>Logs</h2>
        <span className={styles['count']}>{shown.length}</span>
        <span className={styles['grow']} />
        <TextInput type="search" aria-label="Filter by text, run or node" placeholder="Text, run or node" value={text} onChange={(event) => setText(event.target.value)} />
        <Select aria-label="Level" value={level} onChange={(event) => setLevel(Number(event.target.value))}>{LEVELS.map((name, at) => <option key={name} value={at}>{at === 0 ? 'everything' : `${name} and graver`}</option>)}</Select>
        <IconButton label="Clear what is shown" onClick={clear}><Eraser aria-hidden /></IconButton>
      </div>
      {error && <p className={styles['problem']} role="alert">{error}</p>}
      {shown.length > 0 ? <Tail lines={shown} />
        : lines.length > 0 ? <EmptyState title="No line matches" action={<Button onClick={() => {
            setText('')
            setLevel(0)
          }}>Show all lines</Button>} />
        : <EmptyState icon={<Terminal aria-hidden />} title="Nothing printed yet">What graphs write with <code>console.log</code>, and to standard output and error, appears here with its run and node.</EmptyState>}
    </section>
  )
}

/** Stays at the end until somebody scrolls up. */
function Tail({ lines }: { lines: readonly GraphLog[] }) {
  const box = useRef<HTMLDivElement>(null)
  const isAtEnd = useRef(true)
  const { select } = useStudioActions()
  const virtual = useVirtualizer({ count: lines.length, getScrollElement: () => box.current, estimateSize: () => 22, overscan: 20, getItemKey: (at) => lines[at]!.seq })
  useEffect(() => {
    if (isAtEnd.current) virtual.scrollToIndex(lines.length - 1, { align: 'end' })
  }, [lines, virtual])
  const onScroll = () => {
    const { scrollTop, scrollHeight, clientHeight } = box.current!
    isAtEnd.current = scrollHeight - scrollTop - clientHeight < 30
  }
  return (
    <div ref={box} className={styles['lines']} onScroll={onScroll} role="log" aria-label="Lines" tabIndex={0}>
      <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {virtual.getVirtualItems().map(({ index, start, key }) => {
          const line = lines[index]!
          return (
            <div key={key} ref={virtual.measureElement} data-index={index} className={classNames(styles['line'], line.level === 'error' && styles['error'], line.level === 'warn' && styles['warn'])} style={{ transform: `translateY(${start}px)` }}>
              <span className={styles['at']}>{formatClock(line.at)}</span>
              {line.thread_id ? <button type="button" className={styles['from']} title={`Open the thread of run ${line.run_id}`} onClick={() => select({ view: 'studio', threadId: line.thread_id })}>{line.node ?? line.graph_id}</button> : <span className={styles['from']}>{line.node ?? line.graph_id ?? '–'}</span>}
              <span className={styles['text']}>{line.text}</span>
            </div>
          )
        })}
      </div>
    </div>
  )
}
