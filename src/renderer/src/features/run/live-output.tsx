import { useStudio } from '../../app-store.ts'
import { nodeHue } from '../../lib/node-hue.ts'
import type { LogEntry } from '../../stream/run-view.ts'
import { LoadingState } from '../../ui/pane-state.tsx'
import { useFollowEnd } from '../../ui/use-follow-end.ts'
import { MessageView } from './message-view.tsx'
import styles from './run.module.css'

/** What a run says while it runs: messages as they grow, what each node wrote, events of its own. */
export function LiveOutput() {
  const { messageIds, messages, log, failure, lastSeq } = useStudio((state) => state.runView)
  const { box, onScroll } = useFollowEnd(lastSeq)
  if (lastSeq < 0) return <LoadingState label="Waiting for the first event" />
  return (
    <div ref={box} className={styles['output']} onScroll={onScroll} role="log" aria-label="Output of the run" tabIndex={0}>
      {messageIds.map((id) => messages[id] && <MessageView key={id} message={messages[id]} />)}
      {log.slice(-60).map((entry) => <Step key={`${entry.seq}-${entry.node}`} entry={entry} />)}
      {failure && <div className={styles['failure']} role="alert"><b>{failure.error}</b><span>{failure.message}</span></div>}
    </div>
  )
}

function Step({ entry }: { entry: LogEntry }) {
  return (
    <div className={styles['step']}>
      <div className={styles['stepHead']}>
        <span className={styles['swatch']} style={{ background: `oklch(var(--node-l) var(--node-c) ${nodeHue(entry.node?.split(':').at(-1) ?? '')})` }} />
        <b>{entry.node ?? 'graph'}</b>
        <span className={styles['custom']}>{entry.kind === 'custom' ? 'says' : 'wrote'}</span>
      </div>
      <pre className={styles['json']}>{preview(entry.data)}</pre>
    </div>
  )
}

const LONGEST = 1200
function preview(data: unknown): string {
  const text = typeof data === 'string' ? data : JSON.stringify(data, null, 1) ?? ''
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
}
