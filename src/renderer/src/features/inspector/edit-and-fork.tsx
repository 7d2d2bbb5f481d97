import type { ThreadState } from '@langchain/langgraph-sdk'
import { GitFork, Play } from 'lucide-react'
import { useState } from 'react'
import { errorText } from '../../api/api-error.ts'
import { useStudioActions } from '../../app-store.ts'
import { diffKeys } from '../../lib/diff-keys.ts'
import { Button } from '../../ui/button.tsx'
import { CodeEditor } from '../../ui/code-editor.tsx'
import { Select } from '../../ui/field.tsx'
import styles from './inspector.module.css'

interface EditProps { readonly state: ThreadState, readonly producers: readonly string[], readonly nodes: readonly string[], onDone(): void }

function parse(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Record<string, unknown> : null
  } catch {
    return null
  }
}

/**
 * Edits the state at a checkpoint on behalf of a node. Only keys that were changed are sent, so that reducers see an update and
 * not the whole state again. The old branch stays.
 */
export function EditAndFork({ state, producers, nodes, onDone }: EditProps) {
  const values = (state.values ?? {}) as unknown as Record<string, unknown>
  const [text, setText] = useState(() => JSON.stringify(values, null, 2))
  const [asNode, setAsNode] = useState(producers[0] ?? nodes[0] ?? '')
  const [error, setError] = useState<string | null>(null)
  const [isSending, setSending] = useState(false)
  const { forkState, startRun } = useStudioActions()
  const edited = parse(text)
  const changes = edited ? diffKeys(values, edited).filter(({ kind }) => kind !== 'same') : []
  const update = Object.fromEntries(changes.filter(({ kind }) => kind !== 'removed').map(({ key, after }) => [key, after]))

  const fork = async (goOn: boolean) => {
    setSending(true)
    setError(null)
    try {
      const checkpointId = await forkState({ checkpointId: state.checkpoint.checkpoint_id ?? null, values: update, asNode: asNode || null })
      onDone()
      if (goOn && checkpointId) await startRun({ input: null, checkpointId })
    } catch (failure) {
      setError(errorText(failure))
      setSending(false)
    }
  }
  const removed = changes.filter(({ kind }) => kind === 'removed').map(({ key }) => key)
  const summary = !edited ? 'This is not a JSON object yet.' : changes.length === 0 ? 'Nothing changed yet.' : `Writes ${Object.keys(update).join(', ') || 'nothing'} as ${asNode}; reducers apply${Object.values(update).some(Array.isArray) ? ': a list that collects keeps what it had, messages are replaced by id' : ''}.${removed.length ? ` Keys can't be removed: ${removed.join(', ')} stays.` : ''}`
  return (
    <div className={styles['editor']}>
      <CodeEditor value={text} onChange={setText} ariaLabel="State to fork with" onSubmit={() => void fork(true)} />
      <p className={edited ? styles['note'] : styles['error']}>{summary}</p>
      {error && <p className={styles['error']} role="alert">{error}</p>}
      <div className={styles['row']}>
        <label className={styles['note']} htmlFor="as-node">as node</label>
        <Select id="as-node" value={asNode} style={{ width: 150 }} onChange={(event) => setAsNode(event.target.value)}>
          {[...new Set([...producers, ...nodes])].map((node) => <option key={node}>{node}</option>)}
        </Select>
        <span className={styles['grow']} />
        <Button onClick={onDone}>Cancel</Button>
        <Button disabled={!edited || Object.keys(update).length === 0 || isSending} onClick={() => void fork(false)}><GitFork aria-hidden />Fork</Button>
        <Button kind="primary" disabled={!edited || Object.keys(update).length === 0 || isSending} onClick={() => void fork(true)}><Play aria-hidden />Fork and run</Button>
      </div>
    </div>
  )
}
