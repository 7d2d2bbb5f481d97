import { Worker } from 'node:worker_threads'
import { PlatformError } from '../../errors.ts'
import type { ErrorCode } from '../../contract/errors.ts'
import { copyDatabase } from './copy-database.ts'
import { quickCheckOf } from './quick-check.ts'

/** What reads a whole file, and therefore as long as it takes. */
export type FileTask =
  | { readonly kind: 'check', readonly file: string }
  | { readonly kind: 'copy', readonly file: string, readonly target: string }

/** What is wrong with the file or null; or the bytes of the copy. */
type ResultOf<T extends FileTask> = T['kind'] extends 'check' ? string | null : number
export type TaskAnswer = { readonly result: string | number | null } | { readonly refused: { code: ErrorCode, message: string } }

export interface FileTasks {
  run<T extends FileTask>(task: T): Promise<ResultOf<T>>
  /** Ends what runs; its promise rejects. */
  stop(): void
}

/** Does a task where it is called, with a connection of its own. */
export function doTask(task: FileTask): string | number | null {
  return task.kind === 'check' ? quickCheckOf(task.file) : copyDatabase(task.file, task.target)
}

/** Tasks beside the event loop, each in a thread from `entry` (`file-thread.ts`). */
export function createFileTasks(entry: string): FileTasks {
  const threads = new Set<Worker>()

  async function run<T extends FileTask>(task: T): Promise<ResultOf<T>> {
    const thread = new Worker(entry, { workerData: task })
    thread.unref()
    threads.add(thread)
    try {
      const answer = await answerOf(thread)
      if ('refused' in answer) throw new PlatformError(answer.refused.code, answer.refused.message)
      return answer.result as ResultOf<T>
    } finally {
      threads.delete(thread)
    }
  }

  return {
    run,
    stop: () => {
      for (const thread of threads) void thread.terminate()
    },
  }
}

const answerOf = (thread: Worker): Promise<TaskAnswer> => new Promise((resolve, reject) => {
  thread.once('message', resolve)
  thread.once('error', reject)
  thread.once('exit', () => reject(new PlatformError('storage_failed', 'The server stopped before this was done.')))
})
