import { useMemo, useState } from 'react'
import { toast } from 'sonner'
import { errorText } from '../../api/api-error.ts'
import { useStudio, useStudioActions } from '../../app-store.ts'
import type { Problem } from '../../ui/code-editor.tsx'
import { Field, TextInput } from '../../ui/field.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { Tabs } from '../../ui/tabs.tsx'
import { useSaveKey } from '../../ui/use-save-key.ts'
import { AssistantHeader } from './assistant-header.tsx'
import styles from './assistants-view.module.css'
import { PARTS, type Part } from './drafts.ts'
import { schemaOf } from './editor-schema.ts'
import { formProblems, unreadable } from './form-problems.ts'
import { PartEditor } from './part-editor.tsx'
import { PartNote } from './part-note.tsx'
import { ProblemsBar } from './problems-bar.tsx'
import type { Edited } from './use-assistant.ts'

const TITLES: Readonly<Record<Part, string>> = { context: 'Context', config: 'Config', metadata: 'Metadata' }

/** Everything of one assistant that can be changed. */
export function AssistantEditor({ edited }: { edited: Edited }) {
  const { assistant, draft, dirty } = edited
  const id = assistant.assistant_id
  const details = useStudio((state) => state.assistantDetails)
  const { editAssistant, saveAssistant } = useStudioActions()
  const [part, setPart] = useState<Part>('context')
  const [prefersForm, setPrefersForm] = useState(false)
  const [isSaving, setIsSaving] = useState(false)
  const [found, setFound] = useState<{ readonly of: string, readonly problems: readonly Problem[] }>({ of: '', problems: [] })
  const isKnown = details.assistantId === id && details.status === 'ready'
  const schemas = isKnown ? details.schemas : null
  // The same object while nothing changed: a new one starts the editor's language worker anew.
  const schema = useMemo(() => schemaOf(part, schemas), [part, schemas])
  const asForm = prefersForm && part !== 'metadata' && schema !== null
  const place = `${id}/${part}`
  const problems = asForm ? formProblems(schema, draft[part]) : found.of === place && found.problems.length ? found.problems : unreadable(draft[part])
  const against = part !== 'metadata' && schema ? `${part} schema of ${assistant.graph_id}` : null

  const save = () => {
    if (!dirty || isSaving) return
    setIsSaving(true)
    void saveAssistant(id)
      .then((saved) => saved && toast.success(`${saved.name} saved as v${saved.version}`), (error: unknown) => toast.error(errorText(error)))
      .finally(() => setIsSaving(false))
  }
  useSaveKey(save)
  const content = (
    <>
      <PartNote part={part} edited={edited} isKnown={isKnown} hasSchema={schema !== null} />
      <PartEditor
        key={place} part={part} text={draft[part]} schema={schema} asForm={asForm} label={assistant.name}
        onChange={(text) => editAssistant(id, { [part]: text })} onProblems={(list) => setFound({ of: place, problems: list })} onSave={save}
      />
    </>
  )
  return (
    <section className={styles['center']} aria-label={`Assistant ${assistant.name}`}>
      <AssistantHeader edited={edited} isSaving={isSaving} onSave={save} />
      <div className={styles['names']}>
        <Field label="Name" htmlFor="assistant-name"><TextInput id="assistant-name" value={draft.name} maxLength={200} onChange={(event) => editAssistant(id, { name: event.target.value })} /></Field>
        <Field label="Description" htmlFor="assistant-description"><TextInput id="assistant-description" value={draft.description} placeholder="What it is for" onChange={(event) => editAssistant(id, { description: event.target.value })} /></Field>
      </div>
      <div className={styles['parts']}>
        <div className={styles['kind']}>
          <Segmented label="Edit as" value={asForm ? 'form' : 'json'} onChange={(kind) => setPrefersForm(kind === 'form')} segments={[
            { id: 'json', title: 'JSON' },
            { id: 'form', title: 'Form', ...(part === 'metadata' || schema === null ? { disabled: true, hint: 'There is no schema to make a form of' } : {}) },
          ]} />
        </div>
        <Tabs label="Parts of the assistant" value={part} onChange={(next) => setPart(next as Part)} tabs={PARTS.map((each) => ({ id: each, title: TITLES[each], content: each === part ? content : null }))} />
      </div>
      <ProblemsBar problems={problems} against={against} />
    </section>
  )
}
