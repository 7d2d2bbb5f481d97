import { useMemo } from 'react'
import { isMessageList, readMessage } from '../../stream/read-message.ts'
import { EmptyState } from '../../ui/pane-state.tsx'
import { MessageView } from './message-view.tsx'
import styles from './run.module.css'

type Values = Readonly<Record<string, unknown>>

const listsIn = (values: Values) => Object.entries(values).filter((entry): entry is [string, Record<string, unknown>[]] => isMessageList(entry[1]))

/** The messages that a state holds, under whichever key; those that this superstep added are marked. */
export function StateMessages({ values, before }: { values: Values, before: Values }) {
  const lists = useMemo(() => listsIn(values), [values])
  const known = useMemo(() => new Set(listsIn(before).flatMap(([, list]) => list.map((raw) => String(raw['id'])))), [before])
  if (lists.length === 0) return <EmptyState title="No messages in this state">A list of messages under any key is shown here.</EmptyState>
  return (
    <div className={styles['output']} tabIndex={0} role="region" aria-label="Messages">
      {lists.map(([key, list]) => list.map((raw, i) => <MessageView key={`${key}-${String(raw['id'] ?? i)}`} message={readMessage(raw, `${key}-${i}`)} isNew={!known.has(String(raw['id']))} />))}
    </div>
  )
}
