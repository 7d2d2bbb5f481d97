import { Group, Panel, Separator } from 'react-resizable-panels'
import { useStudio } from '../app-store.ts'
import { Chat } from '../features/chat/index.ts'
import { HistoryStrip } from '../features/history/index.ts'
import { ThreadsPanel } from '../features/threads/index.ts'
import { PaneDrawer, type Drawer } from './pane-drawer.tsx'
import { rememberLayout, storedLayout } from './pane-layout.ts'
import styles from './shell.module.css'

/** Threads, the conversation, and time under it: its branches are walked through as in the graph's view. */
export function ChatFrame({ narrow, drawer, onDrawer }: { narrow: boolean, drawer: Drawer, onDrawer: (drawer: Drawer) => void }) {
  const hasHistory = useStudio((state) => state.selection.threadId !== null)
  const centre = (
    <Group orientation="vertical" id="chat-centre" className={styles['canvas'] ?? ''} defaultLayout={storedLayout('chat-centre', { chat: 82, history: 18 })} onLayoutChanged={(layout) => rememberLayout('chat-centre', layout)}>
      <Panel id="chat" minSize="200px"><Chat /></Panel>
      {hasHistory && <Separator className={styles['splitRow'] ?? ''} />}
      {hasHistory && <Panel id="history" minSize="92px" maxSize="60%"><HistoryStrip /></Panel>}
    </Group>
  )
  if (narrow) return <div className={styles['centre']}>{centre}<PaneDrawer drawer={drawer} onDrawer={onDrawer} /></div>
  return (
    <Group orientation="horizontal" id="chat" defaultLayout={storedLayout('chat', { threads: 20, centre: 80 })} onLayoutChanged={(layout) => rememberLayout('chat', layout)}>
      <Panel id="threads" minSize="180px" maxSize="420px"><ThreadsPanel /></Panel>
      <Separator className={styles['split'] ?? ''} />
      <Panel id="centre" minSize="380px">{centre}</Panel>
    </Group>
  )
}
