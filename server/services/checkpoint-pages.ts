import type { CheckpointRow, CheckpointStore } from '../storage/storage.ts'

const FIRST = 32
const MOST = 256

/** Newest first, a few and then more at a time: little is read in vain, and whoever goes far can let others have their turn between. */
export function* checkpointPages(checkpoints: CheckpointStore, threadId: string, ns: string, before: string | null): Generator<CheckpointRow[]> {
  let at = before
  for (let limit = FIRST; ; limit = Math.min(limit * 2, MOST)) {
    const page = checkpoints.list(threadId, ns, { before: at, limit, metadata: null })
    yield page
    if (page.length < limit) return
    at = page.at(-1)!.checkpoint_id
  }
}
