import { Copy } from 'lucide-react'
import { useMemo, useState } from 'react'
import { headersFor } from '../../api/connection-target.ts'
import { studioStore, useStudio } from '../../app-store.ts'
import { asCode, type Language } from '../../lib/as-code.ts'
import { Button } from '../../ui/button.tsx'
import { copyText } from '../../ui/copy-text.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { Segmented, type Segment } from '../../ui/segmented.tsx'
import { requestBody } from '../run/index.ts'
import styles from './run-input.module.css'

type Shown = 'body' | Language
const SEGMENTS: readonly Segment<Shown>[] = [{ id: 'body', title: 'Request' }, { id: 'javascript', title: 'JavaScript' }, { id: 'python', title: 'Python' }, { id: 'curl', title: 'cURL' }]

/** What Submit would send now, to the letter, and as a program that does the same. */
export function RequestDialog({ input, onClose }: { input: unknown, onClose: () => void }) {
  const [shown, setShown] = useState<Shown>('body')
  const connection = useStudio((state) => state.connection)
  const { threadId, assistantId } = useStudio((state) => state.selection)
  const sent = useMemo(() => requestBody(studioStore.getState(), { input }), [input])
  const at = threadId === null ? 'POST /threads, and then POST /threads/{thread_id}/runs/stream' : `POST /threads/${threadId}/runs/stream`
  const text = shown === 'body' ? JSON.stringify(sent, null, 2) : asCode({ url: connection.url, threadId, assistantId: assistantId ?? '', body: sent, headers: Object.keys(headersFor(connection)) }, shown)
  return (
    <Dialog open wide title="What will be sent" text={shown === 'body' ? at : 'A program that does the same. Values of secret headers are taken from the environment.'} onClose={onClose} actions={<><Button onClick={onClose}>Close</Button><Button kind="primary" onClick={() => copyText(text)}><Copy aria-hidden />Copy</Button></>}>
      <div className={styles['request']}>
        <Segmented<Shown> label="In which form" segments={SEGMENTS} value={shown} onChange={setShown} />
        <pre tabIndex={0} aria-label="What will be sent">{text}</pre>
      </div>
    </Dialog>
  )
}
