import { useEffect, useState } from 'react'
import { errorText } from '../../api/api-error.ts'
import { clientFor } from '../../api/client.ts'
import { studioStore, useStudio } from '../../app-store.ts'
import { diffKeys, type KeyDiff } from '../../lib/diff-keys.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { FailedState, LoadingState } from '../../ui/pane-state.tsx'
import styles from './history.module.css'

type Loaded = { readonly status: 'loading' } | { readonly status: 'failed', readonly error: string } | { readonly status: 'ready', readonly diff: readonly KeyDiff[], readonly same: number }

const preview = (value: unknown): string => value === undefined ? '—' : typeof value === 'string' ? value : JSON.stringify(value, null, 2)

/** Two checkpoints side by side: the keys that differ, with both values. */
export function CompareDialog({ ids, onClose }: { ids: readonly [string, string], onClose: () => void }) {
  const threadId = useStudio((state) => state.history.threadId)
  const entries = useStudio((state) => state.history.entries)
  const [loaded, setLoaded] = useState<Loaded>({ status: 'loading' })
  const [left, right] = ids
  useEffect(() => {
    if (!threadId) return
    const { threads } = clientFor(studioStore.getState().connection)
    Promise.all([threads.getState(threadId, left), threads.getState(threadId, right)]).then(([a, b]) => {
      const values = (state: { values: unknown }) => (state.values ?? {}) as Record<string, unknown>
      const diff = diffKeys(values(a), values(b))
      setLoaded({ status: 'ready', diff: diff.filter(({ kind }) => kind !== 'same'), same: diff.filter(({ kind }) => kind === 'same').length })
    }, (error: unknown) => setLoaded({ status: 'failed', error: errorText(error) }))
  }, [threadId, left, right])
  const name = (id: string) => {
    const entry = entries.find((candidate) => candidate.checkpoint_id === id)
    return entry ? `Superstep ${entry.step}${entry.nodes.length ? ` after ${entry.nodes.join(', ')}` : ''}` : id
  }
  return (
    <Dialog open wide title="Compare checkpoints" onClose={onClose} actions={<Button onClick={onClose}>Close</Button>}>
      {loaded.status === 'loading' && <LoadingState label="Reading both states" />}
      {loaded.status === 'failed' && <FailedState title="The states can't be read">{loaded.error}</FailedState>}
      {loaded.status === 'ready' && (
        <div className={styles['compare']} tabIndex={0} role="region" aria-label="Differences">
          <div className={`${styles['compareRow']} ${styles['compareHead']}`}><span>{loaded.same} equal</span><span>{name(left)}</span><span>{name(right)}</span></div>
          {loaded.diff.length === 0 && <p>The two states are equal.</p>}
          {loaded.diff.map(({ key, before, after }) => (
            <div key={key} className={styles['compareRow']}><span className={styles['compareKey']}>{key}</span><pre className={styles['compareValue']}>{preview(before)}</pre><pre className={styles['compareValue']}>{preview(after)}</pre></div>
          ))}
        </div>
      )}
    </Dialog>
  )
}
