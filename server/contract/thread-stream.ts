/** Wire reference §2.7: all events of runs, only that they began and ended, changes of the state through the API. */
export const THREAD_STREAM_MODES = ['run_modes', 'lifecycle', 'state_update'] as const
export type ThreadStreamMode = (typeof THREAD_STREAM_MODES)[number]
