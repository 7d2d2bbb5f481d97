import { Copy, Pencil, RotateCcw } from 'lucide-react'
import { useState } from 'react'
import { textOf } from '../../stream/read-message.ts'
import type { MessageView as Message } from '../../stream/run-view.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { copyText } from '../../ui/copy-text.ts'
import { TextArea } from '../../ui/field.tsx'
import { MessageView } from '../run/index.ts'
import styles from './chat.module.css'

interface ChatMessageProps {
  readonly message: Message
  /** Nothing can be changed while something runs. */
  readonly isFixed: boolean
  onSayInstead(messageId: string, content: string): Promise<void>
  onAnswerAgain(messageId: string): Promise<void>
}

/** A message, and what can be done from it: say it differently, have it answered again. What there is stays, as a branch. */
export function ChatMessage({ message, isFixed, onSayInstead, onAnswerAgain }: ChatMessageProps) {
  const [draft, setDraft] = useState<string | null>(null)
  const text = textOf(message.content)
  if (message.type === 'system') return <details className={styles['system']}><summary>System message</summary><MessageView message={message} /></details>
  if (draft !== null) {
    const send = () => {
      setDraft(null)
      void onSayInstead(message.id, draft)
    }
    return (
      <div className={styles['edit']}>
        <TextArea aria-label="Say it differently" value={draft} autoFocus onChange={(event) => setDraft(event.target.value)} onKeyDown={(event) => event.key === 'Escape' && setDraft(null)} />
        <div className={styles['actions']}><Button kind="primary" disabled={draft.trim() === ''} onClick={send}>Send as a new branch</Button><Button onClick={() => setDraft(null)}>Cancel</Button></div>
      </div>
    )
  }
  return (
    <div className={styles['turn']}>
      <MessageView message={message}>
        {!message.isStreaming && (
          <span className={styles['tools']}>
            {text && <IconButton label="Copy the text" small onClick={() => copyText(text)}><Copy aria-hidden /></IconButton>}
            {message.type === 'human' && <IconButton label="Say it differently, as a new branch" small disabled={isFixed} onClick={() => setDraft(text)}><Pencil aria-hidden /></IconButton>}
            {message.type === 'ai' && <IconButton label="Answer again, as a new branch" small disabled={isFixed} onClick={() => void onAnswerAgain(message.id)}><RotateCcw aria-hidden /></IconButton>}
          </span>
        )}
      </MessageView>
    </div>
  )
}
