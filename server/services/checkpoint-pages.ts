import type { CheckpointRow, CheckpointStore } from '../storage/storage.ts'

const PAGE = 50

/**
 * Newest first, a few at a time: what is read is what is used, and whoever goes far can let others have their turn between.
 */
export function* checkpointPages(checkpoints: CheckpointStore, threadId: string, ns: string, before: string | null): Generator<CheckpointRow[]> {
  for (let at = before; ;) {
    const page = checkpoints.list(threadId, ns, { before: at, limit: PAGE, metadata: null })
    yield page
    if (page.length < PAGE) return
    at = page.at(-1)!.checkpoint_id
  }
}
