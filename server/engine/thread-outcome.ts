import type { RunFailure } from '../contract/run.ts'
import type { ThreadStatus } from '../contract/thread.ts'
import { interruptsByTask, nextOf, tasksOf } from '../domain/checkpoint-view.ts'
import type { Storage, ThreadRow } from '../storage/storage.ts'

/** What a thread becomes when nothing runs on it: told by its newest checkpoint alone (§3.5). */
export function settledThread(storage: Storage, threadId: string): Pick<ThreadRow, 'status' | 'interrupts'> {
  const newest = storage.checkpoints.get(threadId, '', null)
  if (!newest) return { status: 'idle', interrupts: {} }
  const tasks = tasksOf(newest, storage.checkpoints.writes(threadId, '', newest.checkpoint_id), storage.checkpoints.piece)
  return { status: nextOf(newest, tasks, true).length ? 'interrupted' : 'idle', interrupts: interruptsByTask(tasks) }
}

/** Status after a run, in the order of §3.5: failed, still busy, waiting, idle. */
export function threadAfterRun(thread: ThreadRow, settled: Pick<ThreadRow, 'status' | 'interrupts'>, end: { failure: RunFailure | null, isActive: boolean, now: string }): ThreadRow {
  const status: ThreadStatus = end.failure ? 'error' : end.isActive ? 'busy' : settled.status
  return {
    ...thread, status, interrupts: settled.interrupts, updated_at: end.now, state_updated_at: end.now,
    error: end.failure ? `${end.failure.error}: ${end.failure.message}` : null,
  }
}
