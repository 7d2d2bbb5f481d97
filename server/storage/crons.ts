import type { JsonObject } from '../contract/common.ts'
import type { CronFilter, CronPayload, OnRunCompleted } from '../contract/cron.ts'
import type { AuthUser } from '../domain/auth-user.ts'
import type { Page, Sort } from './storage.ts'

/** Whose a cron's runs are; `owned` is for the metadata of threads that they make, so that these are that user's too. */
export interface CronOwner { readonly user: AuthUser, readonly owned: JsonObject | null }

export interface CronRow {
  cron_id: string
  assistant_id: string
  thread_id: string | null
  schedule: string
  timezone: string | null
  end_time: string | null
  enabled: boolean
  on_run_completed: OnRunCompleted | null
  payload: CronPayload
  metadata: JsonObject
  /** Milliseconds since 1970; null when no run will come. */
  next_due: number | null
  error: string | null
  /** Null where the project had no auth code. */
  owner: CronOwner | null
  /** Grows with every patch. */
  revision: number
  created_at: string
  updated_at: string
}
/** A due time of a cron as it was read, and the one that comes after it. */
export interface CronFiring { readonly cron_id: string, readonly revision: number, readonly due: number, readonly next: number | null }

/** Crons of a thread go with it, in the same transaction. */
export interface CronStore {
  /** False when its thread is not there. */
  insert(cron: CronRow): Promise<boolean>
  get(id: string): CronRow | null
  /** Null when there is none. */
  patch(id: string, change: (current: CronRow) => CronRow): Promise<CronRow | null>
  delete(id: string): Promise<boolean>
  search(filter: CronFilter, sort: Sort, page: Page): { rows: CronRow[], total: number }
  count(filter: CronFilter): number
  /** Ids of those that are due at `now`, in milliseconds since 1970, the longest due first. */
  due(now: number): string[]
  /** When the next one is due. */
  nextDue(): number | null
  /** A due time goes by without a run; nothing happens when the cron was changed since, or has fired. */
  pass(firing: CronFiring, error: string | null): Promise<void>
}
