import type { Database } from 'better-sqlite3'
import type { CronFilter } from '../../contract/cron.ts'
import type { CronFiring, CronRow, CronStore } from '../storage.ts'
import { fromJson, toJson } from './json.ts'
import type { WriteQueue } from './write-queue.ts'

interface RawCron extends Omit<CronRow, 'enabled' | 'payload' | 'metadata' | 'owner'> { enabled: number, payload: string, metadata: string, owner: string | null }

const parse = (raw: RawCron): CronRow => ({ ...raw, enabled: raw.enabled === 1, payload: fromJson(raw.payload), metadata: fromJson(raw.metadata), owner: raw.owner === null ? null : fromJson(raw.owner) })
const flatten = (row: CronRow): RawCron => ({ ...row, enabled: row.enabled ? 1 : 0, payload: toJson(row.payload), metadata: toJson(row.metadata), owner: row.owner && toJson(row.owner) })

const SORTS: Readonly<Record<string, string>> = {
  cron_id: 'cron_id', assistant_id: 'assistant_id', thread_id: 'thread_id', next_run_date: 'next_due', end_time: 'end_time', created_at: 'created_at', updated_at: 'updated_at',
}
const STILL_DUE = 'cron_id = @cron_id AND revision = @revision AND next_due = @due'
const MATCHES = `(@assistant_id IS NULL OR assistant_id = @assistant_id) AND (@thread_id IS NULL OR thread_id = @thread_id)
  AND (@enabled IS NULL OR enabled = @enabled) AND (@metadata IS NULL OR metadata_contains(metadata, @metadata))`

const paramsOf = ({ assistant_id, thread_id, enabled, metadata }: CronFilter) =>
  ({ assistant_id: assistant_id ?? null, thread_id: thread_id ?? null, enabled: typeof enabled === 'boolean' ? Number(enabled) : null, metadata: metadata ? toJson(metadata) : null })

/** Inside a write: whether a cron still waits for that due time, and what comes after it. */
export function prepareFiring(db: Database): { isDue(firing: CronFiring): boolean, advance(firing: CronFiring, error: string | null): void } {
  const isDue = db.prepare<unknown[], 1>(`SELECT 1 FROM crons WHERE ${STILL_DUE}`).pluck()
  const advance = db.prepare(`UPDATE crons SET next_due = @next, error = @error WHERE ${STILL_DUE}`)
  return {
    isDue: ({ cron_id, revision, due }) => isDue.get({ cron_id, revision, due }) === 1,
    advance: (firing, error) => void advance.run({ ...firing, error }),
  }
}

export function createCronStore(db: Database, { write }: WriteQueue): CronStore {
  const byId = db.prepare<[string], RawCron>('SELECT * FROM crons WHERE cron_id = ?')
  const insert = db.prepare(`INSERT INTO crons (cron_id, assistant_id, thread_id, schedule, timezone, end_time, enabled, on_run_completed, payload, metadata, next_due, error, owner, revision, created_at, updated_at)
    SELECT @cron_id, @assistant_id, @thread_id, @schedule, @timezone, @end_time, @enabled, @on_run_completed, @payload, @metadata, @next_due, @error, @owner, @revision, @created_at, @updated_at
    WHERE @thread_id IS NULL OR EXISTS (SELECT 1 FROM threads WHERE thread_id = @thread_id)`)
  const update = db.prepare(`UPDATE crons SET assistant_id = @assistant_id, schedule = @schedule, timezone = @timezone, end_time = @end_time, enabled = @enabled, on_run_completed = @on_run_completed,
    payload = @payload, metadata = @metadata, next_due = @next_due, error = @error, revision = @revision, updated_at = @updated_at WHERE cron_id = @cron_id`)
  const remove = db.prepare('DELETE FROM crons WHERE cron_id = ?')
  const due = db.prepare<[number], string>('SELECT cron_id FROM crons WHERE next_due <= ? ORDER BY next_due, rowid').pluck()
  const nextDue = db.prepare<[], number | null>('SELECT min(next_due) FROM crons WHERE next_due IS NOT NULL').pluck()
  const count = db.prepare<unknown[], number>(`SELECT count(*) FROM crons WHERE ${MATCHES}`).pluck()
  const { advance } = prepareFiring(db)

  return {
    insert: (cron) => write(() => insert.run(flatten(cron)).changes > 0),
    get: (id) => {
      const raw = byId.get(id)
      return raw ? parse(raw) : null
    },
    patch: (id, change) => write(() => {
      const raw = byId.get(id)
      if (!raw) return null
      const next = { ...change(parse(raw)), revision: raw.revision + 1 }
      update.run(flatten(next))
      return next
    }),
    delete: (id) => write(() => remove.run(id).changes > 0),
    search: (filter, sort, page) => {
      const direction = sort.descending ? 'DESC' : 'ASC'
      const params = paramsOf(filter)
      const rows = db.prepare<unknown[], RawCron>(`SELECT * FROM crons WHERE ${MATCHES} ORDER BY ${SORTS[sort.by] ?? 'created_at'} ${direction}, rowid ${direction} LIMIT @limit OFFSET @offset`)
        .all({ ...params, ...page }).map(parse)
      return { rows, total: count.get(params)! }
    },
    count: (filter) => count.get(paramsOf(filter))!,
    due: (now) => due.all(now),
    nextDue: () => nextDue.get() ?? null,
    pass: (firing, error) => write(() => advance(firing, error)),
  }
}
