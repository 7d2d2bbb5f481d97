import type { ThreadNotice } from '../contract/studio.ts'

export interface ThreadFeed {
  announce(notice: ThreadNotice): void
  subscribe(listener: (notice: ThreadNotice) => void): () => void
}

/** Tells whoever watches that a thread came, changed or went. Only after the commit. */
export function createThreadFeed(): ThreadFeed {
  const listeners = new Set<(notice: ThreadNotice) => void>()
  return {
    announce: (notice) => {
      for (const listener of listeners) listener(notice)
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
