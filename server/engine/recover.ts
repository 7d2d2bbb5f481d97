import { afterLostServer } from '../domain/run-attempts.ts'
import type { RunRow, Storage } from '../storage/storage.ts'
import { stamp, type Clock } from './clock.ts'
import type { RunLifecycle } from './run-lifecycle.ts'
import { settledThread } from './thread-outcome.ts'

/**
 * After a server died: its running rows are orphans. Each goes back to the queue for the next attempt, or ends when it was
 * being cancelled or has had them all; no thread stays busy without a run. Returns how many runs were found.
 */
export async function recoverOrphans({ storage, lifecycle, clock, mostAttempts, reportBug }: { storage: Storage, lifecycle: RunLifecycle, clock: Clock, mostAttempts: number, reportBug: (error: unknown, context: Record<string, unknown>) => void }): Promise<number> {
  const orphans = storage.runs.running()
  for (const run of orphans) await recover(run).catch((error: unknown) => reportBug(error, { run_id: run.run_id }))

  async function recover(run: RunRow): Promise<void> {
    const next = afterLostServer({ ...run, mostAttempts })
    if (next.kind === 'interrupted') await lifecycle.end(run, 'interrupted', null, next.rollback)
    else if (next.kind === 'again') await storage.runs.requeue(run.run_id, stamp(clock), next)
    else await lifecycle.end(run, 'error', { error: 'WorkerLostError', message: `The server or its worker stopped ${run.attempt} times while this ran.` })
  }
  const busy = storage.threads.search({ status: 'busy' }, { by: 'updated_at', descending: true }, null).rows
  for (const thread of busy.filter(({ thread_id }) => storage.runs.active(thread_id).length === 0)) {
    const settled = settledThread(storage, thread.thread_id)
    await storage.threads.patch(thread.thread_id, (current) => ({ ...current, ...settled, updated_at: stamp(clock) }))
  }
  return orphans.length
}
