import type { ThreadSummary } from '@contract/studio.ts'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Field, TextInput } from '../../ui/field.tsx'

export function RenameDialog({ thread, onRename, onClose }: { thread: ThreadSummary, onRename: (title: string) => void, onClose: () => void }) {
  const [title, setTitle] = useState(thread.title ?? '')
  const submit = () => {
    onClose()
    onRename(title)
  }
  return (
    <Dialog open title="Rename thread" onClose={onClose} actions={<><Button onClick={onClose}>Cancel</Button><Button kind="primary" onClick={submit}>Rename</Button></>}>
      <form onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}>
        <Field label="Title" htmlFor="thread-title" hint="Empty: named after its first input again."><TextInput id="thread-title" value={title} maxLength={500} onChange={(event) => setTitle(event.target.value)} /></Field>
      </form>
    </Dialog>
  )
}
