import { setImmediate } from 'node:timers/promises'

export interface PutOrder {
  isKnown(checkpointNs: string, checkpointId: string): boolean
  /** The server has this checkpoint. */
  isThere(checkpointNs: string, checkpointId: string): void
  /** This checkpoint is on its way; `answer` settles when the server has answered. */
  isSent(checkpointNs: string, checkpointId: string, answer: Promise<unknown>): void
  /** Resolves with true as soon as writes to the checkpoint may be sent, with false when it will never come. */
  mayFollow(checkpointNs: string, checkpointId: string): Promise<boolean>
}

/**
 * LangGraph puts a checkpoint only after the one before it is committed, but its writes at once, so writes can
 * overtake their checkpoint. Held back here, they reach the server after it. Writes to a checkpoint that is
 * never put (the empty one a new thread begins with) can't be read by anyone and are dropped.
 */
export function createPutOrder(): PutOrder {
  const known = new Set<string>()
  const underWay = new Map<string, Set<Promise<unknown>>>()

  const isKnown = (checkpointNs: string, checkpointId: string) => known.has(`${checkpointNs}\n${checkpointId}`)

  return {
    isKnown,
    isThere: (checkpointNs, checkpointId) => void known.add(`${checkpointNs}\n${checkpointId}`),
    isSent(checkpointNs, checkpointId, answer) {
      known.add(`${checkpointNs}\n${checkpointId}`)
      const puts = underWay.get(checkpointNs) ?? new Set()
      underWay.set(checkpointNs, puts)
      puts.add(answer)
      const done = () => void puts.delete(answer)
      answer.then(done, done)
    },
    async mayFollow(checkpointNs, checkpointId) {
      while (!isKnown(checkpointNs, checkpointId)) {
        const puts = underWay.get(checkpointNs)
        const isLast = !puts || puts.size === 0
        if (!isLast) await Promise.allSettled(puts)
        // The put that waited for those is called in a later microtask.
        await setImmediate()
        if (isLast) return isKnown(checkpointNs, checkpointId)
      }
      return true
    },
  }
}
