import type { CronRow, ItemWrite, RunRow, ThreadRow } from '../storage.ts'

export const NOW = '2026-01-01T00:00:00.000Z'

/** An idle, empty thread; `change` says what is different about this one. */
export const threadRow = (thread_id: string, change: Partial<ThreadRow> = {}): ThreadRow =>
  ({ thread_id, title: null, status: 'idle', metadata: {}, config: {}, interrupts: {}, error: null, created_at: NOW, updated_at: NOW, state_updated_at: NOW, ttl: null, ...change })

/** A run that waits to be claimed; `change` says what is different about this one. */
export const runRow = (run_id: string, thread_id: string, change: Partial<RunRow> = {}): RunRow => ({
  run_id, thread_id, assistant_id: 'a', graph_id: 'g', status: 'pending', cancel: null, metadata: {}, kwargs: {} as RunRow['kwargs'], multitask_strategy: 'enqueue',
  temporary: false, alone: false, attempt: 0, due_at: 0, error: null, cancel_reason: null, created_at: NOW, updated_at: NOW, started_at: null, ended_at: null, ...change,
})

/** A stateless cron of every minute that is never due; `change` says what is different about this one. */
export const cronRow = (cron_id: string, change: Partial<CronRow> = {}): CronRow => ({
  cron_id, assistant_id: 'a', thread_id: null, schedule: '* * * * *', timezone: null, end_time: null, enabled: true, on_run_completed: 'delete', payload: {}, metadata: {},
  next_due: null, error: null, owner: null, revision: 0, created_at: NOW, updated_at: NOW, ...change,
})

/** An item that stays and is not indexed. */
export const itemWrite = (namespace: string[], key: string, value: ItemWrite['value'], change: Partial<ItemWrite> = {}): ItemWrite =>
  ({ namespace, key, value, ttl: null, index: null, vectors: null, ...change })
