import type { Assistant } from '@langchain/langgraph-sdk'
import { Plus, TriangleAlert } from 'lucide-react'
import { toast } from 'sonner'
import { errorText } from '../../api/api-error.ts'
import { useStudio } from '../../app-store.ts'
import { IconButton } from '../../ui/button.tsx'
import { classNames } from '../../ui/class-names.ts'
import { Menu } from '../../ui/menu.tsx'
import { StatusDot } from '../../ui/status-dot.tsx'
import { graphsOf, subtitleOf } from './assistant-groups.ts'
import styles from './assistant-list.module.css'
import { hasDraft } from './drafts.ts'

/** All assistants under the graphs they configure. */
export function AssistantList() {
  const assistants = useStudio((state) => state.assistants.items)
  const project = useStudio((state) => state.connection.project)
  const createAssistant = useStudio((state) => state.createAssistant)
  const graphs = graphsOf(assistants, project)
  const create = (graphId: string) => void createAssistant(graphId).catch((error: unknown) => toast.error(errorText(error)))
  return (
    <nav className={styles['panel']} aria-label="Assistants">
      <div className={styles['head']}>
        <h2>Assistants</h2>
        <span className={styles['count']}>{assistants.length}</span>
        <span className={styles['grow']} />
        <Menu
          align="end" trigger={<IconButton label="New assistant" disabled={graphs.length === 0}><Plus aria-hidden /></IconButton>}
          items={graphs.map(({ graphId, error }, i) => ({ id: graphId, label: graphId, ...(i === 0 ? { group: 'For which graph?' } : {}), ...(error ? { hint: 'failed to load' } : {}), onSelect: () => create(graphId) }))}
        />
      </div>
      <div className={styles['list']}>
        {graphs.map(({ graphId, assistants: own, error }) => (
          <section key={graphId} aria-label={`Assistants of ${graphId}`}>
            <h3 className={styles['group']} title={error ?? graphId}>
              {error && <TriangleAlert aria-label="Failed to load" />}
              <span>{graphId}</span>
            </h3>
            <ul>{own.map((assistant) => <AssistantRow key={assistant.assistant_id} assistant={assistant} />)}</ul>
            {own.length === 0 && <p className={styles['none']}>{error ? 'Failed to load' : 'None yet'}</p>}
          </section>
        ))}
      </div>
    </nav>
  )
}

function AssistantRow({ assistant }: { assistant: Assistant }) {
  const isDraft = useStudio((state) => hasDraft(state.assistantDrafts, assistant))
  const isChosen = useStudio((state) => state.selection.assistantId === assistant.assistant_id)
  const select = useStudio((state) => state.select)
  return (
    <li>
      <button type="button" className={classNames(styles['row'], isChosen && styles['chosen'])} aria-current={isChosen ? 'true' : undefined} title={assistant.description || assistant.name} onClick={() => select({ assistantId: assistant.assistant_id })}>
        <span className={styles['dot']}><StatusDot status={isDraft ? 'wait' : 'ok'} label={isDraft ? 'Draft not saved' : 'Saved'} /></span>
        <span className={styles['text']}>
          <span className={styles['name']}>{assistant.name}</span>
          <span className={styles['sub']}>{subtitleOf(assistant, isDraft)}</span>
        </span>
      </button>
    </li>
  )
}
