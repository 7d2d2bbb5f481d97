import { Worker } from 'node:worker_threads'

/** A log smaller than this is left alone: closing the database copies it. */
const SMALLEST_BYTES = 4 * 1024 * 1024
const PAUSE_MS = 500
/** Pages of a log that has grown this long are copied to the end with nobody writing, so that it starts again from the front. */
const LONGEST_PAGES = 8192

export interface WalCheckpoints {
  /** Tells that the log has grown, to `size()` bytes; `hold` keeps writers away for a moment. */
  afterSync(size: () => number, hold: (until: Promise<unknown>) => void): void
  /**
   * Copies all of the log, syncs the database and begins the log anew, with nobody writing. After a sync that failed this is the
   * only way to be sure: the kernel says so once and then takes the pages for written. Rejects when it can't be done now.
   */
  renew(hold: (until: Promise<unknown>) => void): Promise<void>
  close(): Promise<void>
}

export type CheckpointMode = 'PASSIVE' | 'TRUNCATE'
export interface CheckpointResult { readonly isDone: boolean, readonly pages: number, readonly copied: number }

/**
 * Copies the write-ahead log back into the database, in a thread with a connection of its own: on the main thread the copying
 * and its two syncs of the disk would hold up every request. Readers and the writer go on meanwhile. The thread is started
 * when it is first needed; should it fail, the log grows and the next start copies it.
 */
export function createWalCheckpoints(file: string): WalCheckpoints {
  let thread: Worker | null = null
  let running: Promise<CheckpointResult | null> | null = null
  let lastAt = 0

  /** Null when the thread died of it, or could not be started. */
  async function run(mode: CheckpointMode): Promise<CheckpointResult | null> {
    try {
      thread ??= startThread(file)
    } catch {
      // No memory or no handle left for a thread: what was written is safe in the log, and the next growth tries again.
      return null
    }
    const { promise, resolve } = Promise.withResolvers<CheckpointResult | null>()
    const ended = thread
    const onMessage = (result: CheckpointResult) => settle(result)
    const onExit = () => {
      thread = null
      settle(null)
    }
    function settle(result: CheckpointResult | null) {
      ended.off('message', onMessage)
      ended.off('exit', onExit)
      resolve(result)
    }
    ended.once('message', onMessage)
    ended.once('exit', onExit)
    ended.postMessage(mode)
    return promise
  }

  async function copy(hold: (until: Promise<unknown>) => void): Promise<null> {
    const first = await run('PASSIVE')
    if (first && first.pages > LONGEST_PAGES) {
      const last = run('PASSIVE')
      hold(last)
      await last
    }
    return null
  }

  return {
    afterSync(size, hold) {
      if (running || performance.now() - lastAt < PAUSE_MS || size() < SMALLEST_BYTES) return
      running = copy(hold).finally(() => {
        running = null
        lastAt = performance.now()
      })
    },
    renew: async (hold) => {
      await running
      const renewed = run('TRUNCATE')
      hold(renewed)
      if (!(await renewed)?.isDone) throw Object.assign(new Error('a sync failed, and the log could not be begun anew yet'), { code: 'EIO' })
    },
    close: async () => {
      await running
      await thread?.terminate()
    },
  }
}

function startThread(file: string): Worker {
  const isSource = import.meta.url.endsWith('.ts')
  const worker = new Worker(new URL(isSource ? './wal-thread.ts' : '../wal-thread.js', import.meta.url), { workerData: file })
  worker.unref()
  // Its end is seen by whoever waits for an answer.
  worker.on('error', () => {})
  return worker
}
