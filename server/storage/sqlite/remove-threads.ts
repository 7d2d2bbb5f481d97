import type { Database } from 'better-sqlite3'
import type { DeletedThread } from '../storage.ts'
import type { Chores } from './chores.ts'
import type { Segments } from './segments.ts'
import type { WriteQueue } from './write-queue.ts'

/** Rows that go with one step: some milliseconds. */
const STEP = 200
const NOT_YET = Symbol('the old thread of this id is still being removed')

export interface ThreadRemover {
  /**
   * Inside a write: the thread is gone at once, and with it the runs that have not ended. What is left of its rows nobody can
   * reach; a long thread's go in the background. Null when there is no such thread.
   */
  remove(threadId: string): DeletedThread | null
  /** Commits `work`, which may make a thread of this id, once nothing is left of an older one of the same id. */
  whenFree<T>(threadId: string, work: () => T): Promise<T>
  /** Inside a write: removes some rows of a thread that is gone; false when there is no such thread. */
  step(): boolean
}

export function createThreadRemover(db: Database, { commit }: WriteQueue, segments: Segments, chores: Chores): ThreadRemover {
  const remove = db.prepare('DELETE FROM threads WHERE thread_id = ?')
  const removeActive = db.prepare<[string], string>(`DELETE FROM runs WHERE thread_id = ? AND status IN ('pending', 'running') RETURNING run_id`).pluck()
  // What is still to be sent is sent: a stateless run's thread goes as it ends.
  const forgetSent = db.prepare(`DELETE FROM webhook_deliveries WHERE thread_id = ? AND status <> 'pending'`)
  const someRuns = db.prepare('DELETE FROM runs WHERE seq IN (SELECT seq FROM runs WHERE thread_id = ? LIMIT ?)')

  /** True when nothing is left. The log of a run that is removed expires by itself. */
  const removeRows = (id: string) => someRuns.run(id, STEP).changes < STEP

  function stepOf(threadId: string): void {
    if (removeRows(threadId)) chores.done('thread', threadId)
  }

  return {
    remove: (threadId) => {
      if (remove.run(threadId).changes === 0) return null
      const activeRunIds = removeActive.all(threadId)
      segments.release(threadId)
      forgetSent.run(threadId)
      if (!removeRows(threadId)) chores.add('thread', threadId)
      return { activeRunIds }
    },
    whenFree: async (threadId, work) => {
      for (;;) {
        const result = await commit(() => chores.has('thread', threadId) ? NOT_YET : work())
        if (result !== NOT_YET) return result
        await commit(() => stepOf(threadId))
      }
    },
    step: () => {
      const threadId = chores.first('thread')
      if (threadId === null) return false
      stepOf(threadId)
      return true
    },
  }
}
