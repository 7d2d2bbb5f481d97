import { parentPort, workerData } from 'node:worker_threads'
import { PlatformError } from '../../errors.ts'
import { doTask, type FileTask, type TaskAnswer } from './file-tasks.ts'

function answer(): TaskAnswer {
  try {
    return { result: doTask(workerData as FileTask) }
  } catch (error) {
    // Errors lose their class on the way between threads.
    if (error instanceof PlatformError) return { refused: { code: error.code, message: error.message } }
    throw error
  }
}

parentPort!.postMessage(answer(), [])
