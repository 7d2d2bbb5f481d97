import { SlidersHorizontal } from 'lucide-react'
import { useStudio } from '../../app-store.ts'
import { Button } from '../../ui/button.tsx'
import { EmptyState, FailedState, LoadingState } from '../../ui/pane-state.tsx'
import { AssistantEditor } from './assistant-editor.tsx'
import { AssistantList } from './assistant-list.tsx'
import styles from './assistants-view.module.css'
import { useAssistant } from './use-assistant.ts'
import { VersionsPanel } from './versions-panel.tsx'

/** Assistants: the settings that graphs run with, and their versions. */
export function AssistantsView() {
  const { status, items, error } = useStudio((state) => state.assistants)
  const loadAssistants = useStudio((state) => state.loadAssistants)
  const edited = useAssistant()
  if (items.length === 0 && (status === 'idle' || status === 'loading')) return <LoadingState label="Reading assistants" />
  if (items.length === 0 && status === 'failed')
    return <FailedState title="The assistants can't be read" detail={error} action={<Button onClick={() => void loadAssistants()}>Try again</Button>} />
  return (
    <div className={styles['frame']}>
      <div className={styles['view']}>
        <AssistantList />
        {edited
          ? <><AssistantEditor key={edited.assistant.assistant_id} edited={edited} /><VersionsPanel edited={edited} /></>
          : <div className={styles['empty']}><EmptyState icon={<SlidersHorizontal aria-hidden />} title={items.length ? 'No assistant chosen' : 'No assistants yet'}>An assistant is a graph with settings of its own: its context, config and metadata, in versions.</EmptyState></div>}
      </div>
    </div>
  )
}
