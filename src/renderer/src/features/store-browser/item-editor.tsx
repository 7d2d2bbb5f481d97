import type { Item } from '@langchain/langgraph-sdk'
import { Trash2, X } from 'lucide-react'
import { useState } from 'react'
import { toast } from 'sonner'
import { errorText } from '../../api/api-error.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { CodeEditor } from '../../ui/code-editor.tsx'
import { ConfirmDialog } from '../../ui/dialog.tsx'
import { Field, TextInput } from '../../ui/field.tsx'
import { Kbd } from '../../ui/kbd.tsx'
import { useSaveKey } from '../../ui/use-save-key.ts'
import { readNamespace } from './namespace-tree.ts'
import styles from './store-browser.module.css'

type Place = Pick<Item, 'namespace' | 'key'>
type Value = Record<string, unknown>

interface ItemEditorProps {
  /** Null: one that is not there yet. */
  readonly item: Item | null
  readonly prefix: readonly string[]
  /** What was typed and not saved; it outlasts looking at other items. */
  readonly draft: string | undefined
  onDraft(text: string | null): void
  isTaken(place: Place): boolean
  onSave(place: Place, value: Value): Promise<void>
  onDelete(place: Place): Promise<void>
  onClose(): void
}

const textOf = (value: unknown) => JSON.stringify(value, null, 2)

function readValue(text: string): { value: Value, problem: null } | { value: null, problem: string } {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { value: value as Value, problem: null } : { value: null, problem: 'The value has to be a JSON object: { … }' }
  } catch (error) {
    return { value: null, problem: (error as Error).message }
  }
}

/** One item: where it is, and its value. */
export function ItemEditor({ item, prefix, draft, onDraft, isTaken, onSave, onDelete, onClose }: ItemEditorProps) {
  const saved = item ? textOf(item.value) : '{\n  \n}'
  const text = draft ?? saved
  const [namespace, setNamespace] = useState(() => (item?.namespace ?? prefix).join('/'))
  const [key, setKey] = useState(item?.key ?? '')
  const [isBusy, setIsBusy] = useState(false)
  const [asks, setAsks] = useState(false)
  const place = item ? { labels: item.namespace, problem: null } : readNamespace(namespace)
  const { value, problem } = readValue(text)
  const isTakenHere = !item && place.labels !== null && key !== '' && isTaken({ namespace: [...place.labels], key })
  const canSave = !isBusy && value !== null && place.labels !== null && key !== '' && !isTakenHere && (!item || text !== saved)

  const act = (action: Promise<void>, done: string) => {
    setIsBusy(true)
    void action.then(() => toast.success(done), (error: unknown) => toast.error(errorText(error))).finally(() => setIsBusy(false))
  }
  const save = () => {
    if (canSave && place.labels && value) act(onSave({ namespace: [...place.labels], key }, value), `${key} saved`)
  }
  useSaveKey(save)
  return (
    <section className={styles['editor']} aria-label={item ? `Item ${item.key}` : 'New item'}>
      <header className={styles['head']}>
        <h2 className={styles['title']} title={item?.key}>{item?.key ?? 'New item'}</h2>
        <span className={styles['grow']} />
        {item && <Button kind="danger" disabled={isBusy} onClick={() => setAsks(true)}><Trash2 aria-hidden />Delete</Button>}
        <Button kind="primary" disabled={!canSave} onClick={save}>Save <Kbd keys="Mod+S" /></Button>
        <IconButton label="Close" onClick={onClose}><X aria-hidden /></IconButton>
      </header>
      {item
        ? <p className={styles['place']}>{item.namespace.map((label, i) => <code key={i}>{label}</code>)}<span>made {new Date(item.createdAt).toLocaleString('en-GB')}</span></p>
        : (
          <div className={styles['fields']}>
            <Field label="Namespace" htmlFor="item-namespace" hint="Labels between slashes, such as users/ada" error={namespace ? place.problem : null}><TextInput id="item-namespace" value={namespace} onChange={(event) => setNamespace(event.target.value)} /></Field>
            <Field label="Key" htmlFor="item-key" error={isTakenHere ? 'There is one with this key already.' : null}><TextInput id="item-key" value={key} onChange={(event) => setKey(event.target.value)} /></Field>
          </div>
          )}
      <div className={styles['value']}><CodeEditor value={text} onChange={(next) => onDraft(next === saved ? null : next)} ariaLabel={`Value of ${item?.key ?? 'the new item'}`} onSave={save} /></div>
      {problem && <p className={styles['problem']} role="alert" title={problem}>{problem}</p>}
      {item && (
        <ConfirmDialog
          open={asks} title={`Delete “${item.key}”?`} text={`It is taken out of ${item.namespace.join(' / ')}. Graphs will not remember it. This can't be undone.`} confirm="Delete item"
          onConfirm={() => act(onDelete(item), `${item.key} deleted`)} onClose={() => setAsks(false)}
        />
      )}
    </section>
  )
}
