import { ArrowDown, ArrowUp, Plus, Trash2 } from 'lucide-react'
import { Button, IconButton } from '../../ui/button.tsx'
import { Select, TextArea } from '../../ui/field.tsx'
import styles from './run-input.module.css'

const ROLES = [['human', 'Human'], ['ai', 'AI'], ['system', 'System'], ['tool', 'Tool']] as const

interface DraftMessage { readonly type: string, readonly content: unknown, readonly [key: string]: unknown }
const asMessages = (value: unknown): readonly DraftMessage[] => Array.isArray(value) ? value as DraftMessage[] : []

/** Messages are written, ordered and removed one by one. An empty list shows a first one to type into. */
export function MessagesField({ value, onChange }: { value: unknown, onChange: (messages: readonly DraftMessage[] | undefined) => void }) {
  const messages = asMessages(value)
  const shown = messages.length ? messages : [{ type: 'human', content: '' }]
  const put = (next: readonly DraftMessage[]) => onChange(next.length === 1 && next[0]!.content === '' && next[0]!.type === 'human' ? undefined : next.length ? next : undefined)
  const swap = (i: number, j: number) => put(shown.map((message, at) => at === i ? shown[j]! : at === j ? shown[i]! : message))
  return (
    <div className={styles['fields']}>
      {shown.map((message, i) => (
        <div key={i} className={styles['message']}>
          <Select aria-label={`Role of message ${i + 1}`} value={message.type} onChange={(event) => put(shown.with(i, { ...message, type: event.target.value }))}>
            {ROLES.map(([type, name]) => <option key={type} value={type}>{name}</option>)}
          </Select>
          <TextArea
            aria-label={`Message ${i + 1}`} placeholder="What do you want to say?" rows={1} value={typeof message.content === 'string' ? message.content : JSON.stringify(message.content)}
            onChange={(event) => put(shown.with(i, { ...message, content: event.target.value }))}
          />
          <div className={styles['tools']}>
            {shown.length > 1 && <IconButton label="Move up" small disabled={i === 0} onClick={() => swap(i, i - 1)}><ArrowUp aria-hidden /></IconButton>}
            {shown.length > 1 && <IconButton label="Move down" small disabled={i === shown.length - 1} onClick={() => swap(i, i + 1)}><ArrowDown aria-hidden /></IconButton>}
            {shown.length > 1 && <IconButton label={`Remove message ${i + 1}`} small onClick={() => put(shown.toSpliced(i, 1))}><Trash2 aria-hidden /></IconButton>}
            {i === shown.length - 1 && <Button small kind="plain" onClick={() => onChange([...shown, { type: 'human', content: '' }])}><Plus aria-hidden />Message</Button>}
          </div>
        </div>
      ))}
    </div>
  )
}
