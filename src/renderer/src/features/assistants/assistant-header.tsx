import { CopyPlus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { toast } from 'sonner'
import { errorText } from '../../api/api-error.ts'
import { useStudioActions } from '../../app-store.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { ConfirmDialog } from '../../ui/dialog.tsx'
import { Kbd } from '../../ui/kbd.tsx'
import { isSystem } from './assistant-groups.ts'
import styles from './assistants-view.module.css'
import { unreadablePart } from './drafts.ts'
import type { Edited } from './use-assistant.ts'

const report = (action: Promise<unknown>) => void action.catch((error: unknown) => toast.error(errorText(error)))

interface HeaderProps { readonly edited: Edited, readonly isSaving: boolean, onSave(): void }

/** Which one this is, and what can be done with it as a whole. */
export function AssistantHeader({ edited, isSaving, onSave }: HeaderProps) {
  const { assistant, draft, dirty, next } = edited
  const { discardAssistantDraft, duplicateAssistant, deleteAssistant } = useStudioActions()
  const [asks, setAsks] = useState(false)
  const id = assistant.assistant_id
  const unreadable = unreadablePart(draft)
  const state = !dirty ? `v${assistant.version}` : draft.base === assistant.version ? `edited from v${draft.base}` : `edited from v${draft.base}, v${assistant.version} is current by now`
  return (
    <header className={styles['header']}>
      <h1 className={styles['name']} title={assistant.name}>{draft.name.trim() || assistant.name}</h1>
      <span className={styles['state']} title={`${assistant.graph_id} · ${state}`}>{assistant.graph_id} · {state}</span>
      <span className={styles['grow']} />
      <Button disabled={unreadable !== null} onClick={() => report(duplicateAssistant(id))}><CopyPlus aria-hidden />Duplicate</Button>
      <span title={isSystem(assistant) ? 'The server makes this one for its graph; it can\'t be deleted.' : undefined}>
        <IconButton label={isSystem(assistant) ? 'System assistants can\'t be deleted' : 'Delete…'} disabled={isSystem(assistant)} onClick={() => setAsks(true)}><Trash2 aria-hidden /></IconButton>
      </span>
      <Button disabled={!dirty} onClick={() => discardAssistantDraft(id)}>Discard</Button>
      <Button kind="primary" disabled={!dirty || isSaving || unreadable !== null} title={unreadable ? `The ${unreadable} is not a JSON object yet.` : undefined} onClick={onSave}>Save as v{next} <Kbd keys="Mod+S" /></Button>
      <ConfirmDialog
        open={asks} title={`Delete “${assistant.name}”?`} confirm="Delete assistant" text="All of its versions go with it. Threads that it ran stay. This can't be undone."
        onConfirm={() => report(deleteAssistant(id))} onClose={() => setAsks(false)}
      />
    </header>
  )
}
