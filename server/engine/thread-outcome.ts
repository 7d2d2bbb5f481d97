import type { RunFailure } from '../contract/run.ts'
import type { ThreadStatus } from '../contract/thread.ts'
import { interruptsByTask, nextOf, tasksOf } from '../domain/checkpoint-view.ts'
import { describeUnknown, unknownInterrupts } from '../domain/strict-resume.ts'
import type { RunRow, Storage, ThreadRow } from '../storage/storage.ts'

/** What a thread becomes when nothing runs on it: told by its newest checkpoint alone (§3.5). */
export function settledThread(storage: Storage, threadId: string): Pick<ThreadRow, 'status' | 'interrupts'> {
  const newest = storage.checkpoints.get(threadId, '', null)
  if (!newest) return { status: 'idle', interrupts: {} }
  const tasks = tasksOf(newest, storage.checkpoints.writes(threadId, '', newest.checkpoint_id), storage.checkpoints.piece)
  return { status: nextOf(newest, tasks, true).length ? 'interrupted' : 'idle', interrupts: interruptsByTask(tasks) }
}

/** Why a run's answers are refused (§3.8), by what is asked now where it starts; null when they are not. */
export function whyRefused({ checkpoints }: Storage, { thread_id, kwargs }: Pick<RunRow, 'thread_id' | 'kwargs'>): string | null {
  if (!kwargs.strict_resume) return null
  const start = checkpoints.get(thread_id, kwargs.checkpoint?.checkpoint_ns ?? '', kwargs.checkpoint?.checkpoint_id ?? null)
  const interrupts = start ? interruptsByTask(tasksOf(start, checkpoints.writes(thread_id, start.checkpoint_ns, start.checkpoint_id), checkpoints.piece)) : {}
  const unknown = unknownInterrupts(kwargs, interrupts)
  return unknown.length ? describeUnknown(unknown, interrupts) : null
}

/** Status after a run, in the order of §3.5: failed, still busy, waiting, idle. */
export function threadAfterRun(thread: ThreadRow, settled: Pick<ThreadRow, 'status' | 'interrupts'>, end: { failure: RunFailure | null, isActive: boolean, now: string }): ThreadRow {
  const status: ThreadStatus = end.failure ? 'error' : end.isActive ? 'busy' : settled.status
  return {
    ...thread, status, interrupts: settled.interrupts, updated_at: end.now, state_updated_at: end.now,
    error: end.failure ? `${end.failure.error}: ${end.failure.message}` : null,
  }
}
