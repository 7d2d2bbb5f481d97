import { CalendarClock, Database, Inbox, ListTree, MessagesSquare, Settings, SlidersHorizontal, Terminal, Webhook, Workflow } from 'lucide-react'
import type { ReactNode } from 'react'
import { useStudio } from '../app-store.ts'
import type { View } from '../features/selection/index.ts'
import { IconButton } from '../ui/button.tsx'
import styles from './shell.module.css'

const VIEWS: readonly (readonly [View, string, ReactNode])[] = [
  ['studio', 'Studio', <Workflow key="studio" aria-hidden />],
  ['chat', 'Chat', <MessagesSquare key="chat" aria-hidden />],
  ['inbox', 'Inbox', <Inbox key="inbox" aria-hidden />],
  ['runs', 'Runs', <ListTree key="runs" aria-hidden />],
  ['assistants', 'Assistants', <SlidersHorizontal key="assistants" aria-hidden />],
  ['store', 'Memory', <Database key="store" aria-hidden />],
  ['crons', 'Crons', <CalendarClock key="crons" aria-hidden />],
  ['webhooks', 'Webhooks', <Webhook key="webhooks" aria-hidden />],
]

export function Rail() {
  const view = useStudio((state) => state.selection.view)
  const select = useStudio((state) => state.select)
  const waiting = useStudio((state) => state.inbox.items.length)
  const button = (id: View, label: string, icon: ReactNode, badge = 0) => (
    <IconButton key={id} label={badge ? `${label}: ${badge} ${badge === 1 ? 'thread waits' : 'threads wait'} for you` : label} aria-current={view === id ? 'page' : undefined} className={styles['railButton']} onClick={() => select({ view: id })}>
      {icon}
      {badge > 0 && <span className={styles['badge']} aria-hidden>{badge}</span>}
    </IconButton>
  )
  return (
    <nav className={styles['rail']} aria-label="Views">
      {VIEWS.map(([id, label, icon]) => button(id, label, icon, id === 'inbox' ? waiting : 0))}
      <span className={styles['grow']} />
      {button('logs', 'Logs', <Terminal aria-hidden />)}
      {button('settings', 'Settings', <Settings aria-hidden />)}
    </nav>
  )
}
