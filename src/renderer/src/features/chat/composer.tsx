import { Paperclip, Send, Square, X } from 'lucide-react'
import { useRef, useState, type ClipboardEvent, type DragEvent, type KeyboardEvent } from 'react'
import { toast } from 'sonner'
import { formatBytes } from '../../lib/format-time.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { TextArea } from '../../ui/field.tsx'
import { contentOf, readAttachment, type Attachment } from './attachments.ts'
import styles from './chat.module.css'

interface ComposerProps {
  readonly isBusy: boolean
  /** Why nothing can be said now. */
  readonly blocked: string | null
  /** `onAccepted` is called once the server has it. */
  onSend(content: unknown, onAccepted: () => void): void
  onStop(): void
}

/** Enter sends, Shift and Enter is a new line. Files come by the button, by drop, or from the clipboard. */
export function Composer({ isBusy, blocked, onSend, onStop }: ComposerProps) {
  const [text, setText] = useState('')
  const [files, setFiles] = useState<readonly Attachment[]>([])
  const picker = useRef<HTMLInputElement>(null)
  const canSend = !isBusy && blocked === null && (text.trim() !== '' || files.length > 0)
  const attach = (list: FileList | null) => {
    for (const file of list ?? []) void readAttachment(file).then((read) => setFiles((before) => [...before, read]), (error: unknown) => toast.error((error as Error).message))
  }
  const send = () => {
    if (!canSend) return
    onSend(contentOf(text.trim(), files), () => {
      setText('')
      setFiles([])
    })
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    send()
  }
  const onPaste = (event: ClipboardEvent) => {
    if (event.clipboardData.files.length === 0) return
    event.preventDefault()
    attach(event.clipboardData.files)
  }
  const onDrop = (event: DragEvent) => {
    event.preventDefault()
    attach(event.dataTransfer.files)
  }
  return (
    <section className={styles['composer']} aria-label="Say something" onDrop={onDrop} onDragOver={(event) => event.preventDefault()}>
      {files.length > 0 && (
        <ul className={styles['files']} aria-label="Attached">
          {files.map((file, i) => (
            <li key={`${file.name}-${i}`}>
              {file.mime.startsWith('image/') && <img src={`data:${file.mime};base64,${file.base64}`} alt="" />}
              <span title={file.name}>{file.name}</span><i>{formatBytes(file.bytes)}</i>
              <IconButton label={`Remove ${file.name}`} small onClick={() => setFiles(files.toSpliced(i, 1))}><X aria-hidden /></IconButton>
            </li>
          ))}
        </ul>
      )}
      <div className={styles['line']}>
        <input ref={picker} type="file" multiple hidden onChange={(event) => {
          attach(event.target.files)
          event.target.value = ''
        }} />
        <IconButton label="Attach files" onClick={() => picker.current?.click()}><Paperclip aria-hidden /></IconButton>
        <TextArea aria-label="Message" rows={1} value={text} placeholder={blocked ?? 'Say something'} autoFocus onChange={(event) => setText(event.target.value)} onKeyDown={onKeyDown} onPaste={onPaste} />
        {isBusy
          ? <Button kind="danger" onClick={onStop}><Square aria-hidden />Stop</Button>
          : <Button kind="primary" disabled={!canSend} title={blocked ?? undefined} onClick={send}><Send aria-hidden />Send</Button>}
      </div>
    </section>
  )
}
