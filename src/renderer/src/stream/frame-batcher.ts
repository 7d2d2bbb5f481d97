/** Collects frames and hands them over once per tick, so a burst of tokens is one render. */
export function createFrameBatcher<T>(deliver: (batch: readonly T[]) => void, schedule: (flush: () => void) => void): { push(item: T): void, flush(): void } {
  let pending: T[] = []
  const flush = () => {
    if (pending.length === 0) return
    const batch = pending
    pending = []
    deliver(batch)
  }
  return {
    flush,
    push: (item) => {
      if (pending.push(item) === 1) schedule(flush)
    },
  }
}
