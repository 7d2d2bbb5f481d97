import { PlatformError } from '../errors.ts'

/** What the user's code throws while it is asked something outside a run is told to the caller, not a bug of ours. */
export async function askGraph<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof PlatformError) throw error
    throw new PlatformError('graph_failed', `${(error as Error).name}: ${(error as Error).message}`, { cause: error })
  }
}
