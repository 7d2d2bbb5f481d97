import { Command } from 'cmdk'
import { CalendarClock, FileUp, Inbox, ListTree, MessagesSquare, Play, Plug, Plus, Settings, SlidersHorizontal, Square, Sun, Terminal, Webhook, Workflow } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { ThreadSummary } from '@contract/studio.ts'
import { toast } from 'sonner'
import { errorText } from '../api/api-error.ts'
import { studioApi } from '../api/studio-api.ts'
import { studioStore, useStudio, useStudioActions } from '../app-store.ts'
import { titleOf } from '../features/threads/index.ts'
import { applyTheme } from '../lib/theme.ts'
import { Kbd } from '../ui/kbd.tsx'
import styles from './command-palette.module.css'

interface PaletteProps { readonly open: boolean, onClose(): void, onConnect(): void, onRun(): void, onKeys(): void }

/** Every action and every thread by name. */
export function CommandPalette({ open, onClose, onConnect, onRun, onKeys }: PaletteProps) {
  const [text, setText] = useState('')
  const threads = useFoundThreads(open, text)
  const assistants = useStudio((state) => state.assistants.items)
  const isBusy = useStudio((state) => state.run.phase === 'running')
  const hasStudioApi = useStudio((state) => state.connection.hasStudioApi)
  const { select, cancelRun, openThreadFile } = useStudioActions()
  const act = (action: () => void) => () => {
    onClose()
    action()
  }
  const commands = [
    { name: 'Run', icon: <Play aria-hidden />, keys: 'F5', act: onRun, shown: !isBusy },
    { name: 'Stop the run', icon: <Square aria-hidden />, keys: 'Shift+F5', act: () => void cancelRun(), shown: isBusy },
    { name: 'New thread', icon: <Plus aria-hidden />, keys: 'N', act: () => select({ threadId: null, view: 'studio' }), shown: true },
    { name: 'Studio', icon: <Workflow aria-hidden />, act: () => select({ view: 'studio' }), shown: true },
    { name: 'Chat', icon: <MessagesSquare aria-hidden />, act: () => select({ view: 'chat' }), shown: true },
    { name: 'Inbox: what waits for you', icon: <Inbox aria-hidden />, act: () => select({ view: 'inbox' }), shown: true },
    { name: 'Runs of all threads', icon: <ListTree aria-hidden />, act: () => select({ view: 'runs' }), shown: true },
    { name: 'Crons', icon: <CalendarClock aria-hidden />, act: () => select({ view: 'crons' }), shown: true },
    { name: 'Logs of graphs', icon: <Terminal aria-hidden />, act: () => select({ view: 'logs' }), shown: true },
    { name: 'Webhooks', icon: <Webhook aria-hidden />, act: () => select({ view: 'webhooks' }), shown: true },
    { name: 'Edit assistants', icon: <SlidersHorizontal aria-hidden />, act: () => select({ view: 'assistants' }), shown: true },
    { name: 'Memory', icon: <MessagesSquare aria-hidden />, act: () => select({ view: 'store' }), shown: true },
    { name: 'Settings', icon: <Settings aria-hidden />, act: () => select({ view: 'settings' }), shown: true },
    { name: 'Open a thread file', icon: <FileUp aria-hidden />, act: () => void openThreadFile().catch((error: unknown) => toast.error(errorText(error))), shown: hasStudioApi },
    { name: 'Connect to a server', icon: <Plug aria-hidden />, act: onConnect, shown: true },
    { name: 'Switch between dark and light', icon: <Sun aria-hidden />, act: () => applyTheme(document.documentElement.dataset['theme'] === 'dark' ? 'light' : 'dark'), shown: true },
    { name: 'Keyboard shortcuts', icon: <Settings aria-hidden />, keys: '?', act: onKeys, shown: true },
  ].filter(({ shown }) => shown)
  return (
    <Command.Dialog open={open} onOpenChange={(isOpen) => isOpen || onClose()} label="Search threads and commands" className={styles['dialog'] ?? ''} overlayClassName={styles['overlay'] ?? ''} contentClassName={styles['content'] ?? ''}>
      <Command.Input value={text} onValueChange={setText} placeholder="Type a command, a thread's title or an assistant" className={styles['input'] ?? ''} />
      <Command.List className={styles['list'] ?? ''}>
        <Command.Empty className={styles['empty'] ?? ''}>Nothing has this name.</Command.Empty>
        <Command.Group heading="Commands">
          {commands.map(({ name, icon, keys, act: action }) => <Command.Item key={name} value={`command ${name}`} onSelect={act(action)} className={styles['item'] ?? ''}>{icon}<span>{name}</span>{keys && <Kbd keys={keys} />}</Command.Item>)}
        </Command.Group>
        <Command.Group heading="Assistants">
          {assistants.map((assistant) => (
            <Command.Item key={assistant.assistant_id} value={`assistant ${assistant.name} ${assistant.assistant_id}`} onSelect={act(() => select({ assistantId: assistant.assistant_id, threadId: null, view: 'studio' }))} className={styles['item'] ?? ''}>
              <SlidersHorizontal aria-hidden /><span>{assistant.name}</span><i>{assistant.graph_id}</i>
            </Command.Item>
          ))}
        </Command.Group>
        <Command.Group heading="Threads">
          {threads.map((thread) => (
            <Command.Item key={thread.thread_id} value={`thread ${titleOf(thread)} ${thread.thread_id}`} onSelect={act(() => select({ threadId: thread.thread_id, view: 'studio' }))} className={styles['item'] ?? ''}>
              <MessagesSquare aria-hidden /><span>{titleOf(thread)}</span><i>{thread.graph_id}</i>
            </Command.Item>
          ))}
        </Command.Group>
      </Command.List>
    </Command.Dialog>
  )
}

const QUIET_MS = 120

/** Threads that are listed anyway, and what the server finds beyond them. */
function useFoundThreads(open: boolean, text: string): readonly ThreadSummary[] {
  const listed = useStudio((state) => state.threads.items)
  const [found, setFound] = useState<readonly ThreadSummary[]>([])
  useEffect(() => {
    const { connection } = studioStore.getState()
    if (!open || !text.trim() || !connection.hasStudioApi) return setFound([])
    const timer = setTimeout(() => void studioApi.searchThreads(connection, { query: text, limit: 20 }).then(({ threads }) => setFound(threads), () => setFound([])), QUIET_MS)
    return () => clearTimeout(timer)
  }, [open, text])
  const known = new Set(listed.map((thread) => thread.thread_id))
  return [...listed.slice(0, 50), ...found.filter((thread) => !known.has(thread.thread_id))]
}
