import type { CancelAction, RunCancel } from '../contract/run.ts'
import { PlatformError, threadNotFound } from '../errors.ts'
import type { LogKey, Storage } from '../storage/storage.ts'

interface Parts { readonly storage: Storage, readonly cancel: (run: LogKey) => Promise<void> }

/** So many share a transaction; others have their turn before the next ones. */
const AT_ONCE = 200

/**
 * Cancels some runs of a thread, or all runs in a status (§1.4). Runs that have ended, or are another thread's, are passed over.
 * Throws `invalid_request` for a body that says neither or both, `run_not_found` where there was nothing to cancel.
 */
export async function cancelMany({ storage, cancel }: Parts, body: RunCancel, action: CancelAction): Promise<void> {
  const targets = targetsOf(storage, body)
  let cancelled = 0
  for (let at = 0; at < targets.length; at += AT_ONCE) {
    const results = await Promise.all(targets.slice(at, at + AT_ONCE).map((run) => wasCancelled(cancel(run))))
    cancelled += results.filter(Boolean).length
  }
  if (cancelled === 0) throw new PlatformError('run_not_found', `No runs found to cancel${action === 'rollback' ? ' and roll back' : ''}.`)
}

function targetsOf({ runs, threads }: Storage, { thread_id, run_ids, status }: RunCancel): LogKey[] {
  if (status && (thread_id || run_ids))
    throw new PlatformError('invalid_request', 'body must have either status, or thread_id and run_ids: not both. To cancel by status on one thread, list its runs of that status and name them in run_ids.')
  if (status) return runs.cancellable(status)
  if (!thread_id || !run_ids)
    throw new PlatformError('invalid_request', `body must have either status, or thread_id and run_ids: ${!thread_id && !run_ids ? 'it has neither' : thread_id ? 'run_ids is missing' : 'thread_id is missing'}.`)
  if (!threads.get(thread_id)) throw threadNotFound(thread_id)
  return [...new Set(run_ids)].filter((run_id) => runs.get(run_id)?.thread_id === thread_id).map((run_id) => ({ thread_id, run_id }))
}

/** False for a run that ended, or was removed, before its turn came. */
async function wasCancelled(cancelled: Promise<void>): Promise<boolean> {
  try {
    await cancelled
    return true
  } catch (error) {
    if (error instanceof PlatformError && error.code === 'run_not_found') return false
    throw error
  }
}
