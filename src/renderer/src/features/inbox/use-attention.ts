import { useEffect, useRef } from 'react'
import { studioStore, useStudio } from '../../app-store.ts'
import { readStored, writeStored } from '../../lib/local-storage.ts'
import type { Waiting } from './inbox-slice.ts'

const KEY = 'superstep:notify'

export const wantsNotices = (): boolean => readStored(KEY) === '1' && 'Notification' in globalThis && Notification.permission === 'granted'

/** Asks the browser the first time. Resolves with whether notices come now. */
export async function setNotices(wanted: boolean): Promise<boolean> {
  const isAllowed = wanted && 'Notification' in globalThis && await Notification.requestPermission() === 'granted'
  writeStored(KEY, isAllowed ? '1' : '0')
  return isAllowed
}

function notify({ threadId, title, body }: { threadId: string, title: string, body: string }): void {
  const notice = new Notification(title, { body, tag: threadId })
  notice.addEventListener('click', () => {
    window.focus()
    studioStore.getState().select({ view: 'studio', threadId })
    notice.close()
  })
}

const bodyOf = ({ questions }: Waiting) => questions[0] ?? 'Stands at a breakpoint.'

/** Keeps the inbox read, the number of what waits in the window's title, and tells of what is new while nobody looks. */
export function useAttention(): void {
  const isConnected = useStudio((state) => state.connection.status === 'ready')
  const threads = useStudio((state) => state.threads.items)
  const inbox = useStudio((state) => state.inbox)
  const known = useRef<ReadonlySet<string> | null>(null)
  const failed = useRef<ReadonlySet<string> | null>(null)

  // The list of threads is read anew whenever one changes.
  useEffect(() => {
    if (isConnected) void studioStore.getState().loadInbox()
  }, [isConnected, threads])

  useEffect(() => {
    document.title = inbox.items.length ? `(${inbox.items.length}) Superstep` : 'Superstep'
    if (inbox.status !== 'ready') return
    const before = known.current
    known.current = new Set(inbox.items.map(({ threadId, since }) => threadId + since))
    if (!before || !document.hidden || !wantsNotices()) return
    for (const item of inbox.items) if (!before.has(item.threadId + item.since)) notify({ threadId: item.threadId, title: `${item.title} waits for you`, body: bodyOf(item) })
  }, [inbox])

  useEffect(() => {
    const before = failed.current
    const now = threads.filter(({ status }) => status === 'error')
    failed.current = new Set(now.map(({ thread_id, updated_at }) => thread_id + updated_at))
    if (!before || !document.hidden || !wantsNotices()) return
    for (const thread of now) if (!before.has(thread.thread_id + thread.updated_at)) notify({ threadId: thread.thread_id, title: `${thread.title ?? 'A run'} failed`, body: thread.error ?? '' })
  }, [threads])
}
