import type { ThreadNotice } from '../contract/studio.ts'

export interface ThreadFeed {
  announce(notice: ThreadNotice): void
  subscribe(listener: (notice: ThreadNotice) => void): () => void
  /** Hears of one thread only, at no cost to the others. */
  watch(threadId: string, listener: (notice: ThreadNotice) => void): () => void
}

/** Tells whoever watches that a thread came, changed or went. Only after the commit. */
export function createThreadFeed(): ThreadFeed {
  const listeners = new Set<(notice: ThreadNotice) => void>()
  const watchers = new Map<string, Set<(notice: ThreadNotice) => void>>()
  return {
    announce: (notice) => {
      for (const listener of listeners) listener(notice)
      for (const watcher of watchers.get(notice.thread_id) ?? []) watcher(notice)
    },
    watch: (threadId, listener) => {
      const own = watchers.get(threadId) ?? new Set()
      watchers.set(threadId, own.add(listener))
      return () => {
        own.delete(listener)
        if (own.size === 0 && watchers.get(threadId) === own) watchers.delete(threadId)
      }
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
