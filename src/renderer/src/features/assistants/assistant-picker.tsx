import { ChevronDown, SlidersHorizontal, TriangleAlert } from 'lucide-react'
import { useStudio } from '../../app-store.ts'
import { Menu, type MenuItem } from '../../ui/menu.tsx'
import { assistantOf, graphsOf, subtitleOf } from './assistant-groups.ts'
import { hasDraft } from './drafts.ts'
import styles from './assistant-picker.module.css'

const useChosen = () => {
  const items = useStudio((state) => state.assistants.items)
  const assistantId = useStudio((state) => state.selection.assistantId)
  return { items, chosen: items.find((assistant) => assistant.assistant_id === assistantId) }
}

/** Which graph is drawn and run. Another graph starts without a thread. */
export function GraphPicker() {
  const { items: assistants, chosen } = useChosen()
  const project = useStudio((state) => state.connection.project)
  const select = useStudio((state) => state.select)
  const choices = graphsOf(assistants, project)
  const items = choices.map((choice): MenuItem => {
    const assistant = assistantOf(choice)
    return {
      id: choice.graphId, label: choice.graphId, checked: choice.graphId === chosen?.graph_id, disabled: !assistant,
      ...(choice.error ? { hint: 'failed to load', icon: <TriangleAlert aria-hidden className={styles['broken']} /> } : {}),
      onSelect: () => assistant && choice.graphId !== chosen?.graph_id && select({ assistantId: assistant.assistant_id, threadId: null }),
    }
  })
  const broken = choices.find((choice) => choice.graphId === chosen?.graph_id)?.error
  return (
    <Menu items={items} trigger={(
      <button type="button" className={styles['graph']} disabled={items.length === 0} aria-label={`Graph: ${chosen?.graph_id ?? 'none'}`} title={broken ?? 'Choose a graph'}>
        {broken && <TriangleAlert aria-hidden className={styles['broken']} />}
        <span className={styles['name']}>{chosen?.graph_id ?? 'No graph'}</span>
        <ChevronDown aria-hidden />
      </button>
    )} />
  )
}

/** With which settings the graph runs. */
export function AssistantPicker() {
  const { items: assistants, chosen } = useChosen()
  const drafts = useStudio((state) => state.assistantDrafts)
  const select = useStudio((state) => state.select)
  const own = assistants.filter((assistant) => assistant.graph_id === chosen?.graph_id)
  const items: MenuItem[] = [
    ...own.map((assistant): MenuItem => ({
      id: assistant.assistant_id, label: assistant.name, hint: subtitleOf(assistant, hasDraft(drafts, assistant)), checked: assistant === chosen,
      onSelect: () => select({ assistantId: assistant.assistant_id }),
    })),
    { id: 'edit', label: 'Edit assistants…', icon: <SlidersHorizontal aria-hidden />, separated: own.length > 0, onSelect: () => select({ view: 'assistants' }) },
  ]
  return (
    <Menu items={items} trigger={(
      <button type="button" className={styles['chip']} aria-label={chosen ? `Assistant: ${chosen.name}, version ${chosen.version}` : 'Assistant: none'} title={chosen ? `${chosen.name} · ${subtitleOf(chosen, hasDraft(drafts, chosen))}` : 'Choose an assistant'}>
        <SlidersHorizontal aria-hidden />
        <span className={styles['name']}>{chosen?.name ?? 'No assistant'}</span>
        {chosen && <span className={styles['version']}>v{chosen.version}</span>}
      </button>
    )} />
  )
}
