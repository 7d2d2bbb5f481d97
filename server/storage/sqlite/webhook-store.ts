import type { Database } from 'better-sqlite3'
import type { WebhookAttempt } from '../../contract/webhook.ts'
import { uuid7 } from '../../domain/uuid7.ts'
import { webhookPayload } from '../../domain/webhook-payload.ts'
import type { CheckpointStore, RunRow, WebhookRow, WebhookStore } from '../storage.ts'
import { endState } from './end-state.ts'
import { fromJson, toJson } from './json.ts'
import type { WriteQueue } from './write-queue.ts'

type RawWebhook = Omit<WebhookRow, 'attempts'> & { attempts: string }

/** Attempts that stay on record: somebody may ask for it again and again. */
const ATTEMPTS_KEPT = 50
/** Rows that one write of retention removes: each may have megabytes. */
const EXPIRED_AT_A_TIME = 50

const ROW = 'delivery_id, run_id, thread_id, run_status, url, origin, status, tries, due_at, attempts, created_at, ended_at'
type Filter = Parameters<WebhookStore['list']>[0]
const FILTERS = ['status', 'run_id', 'thread_id'] as const satisfies (keyof Filter)[]
const matching = (filter: Filter) => `FROM webhook_deliveries WHERE ${['true', ...FILTERS.filter((key) => filter[key] !== null).map((key) => `${key} = @${key}`)].join(' AND ')}`

const parse = (raw: RawWebhook): WebhookRow => ({ ...raw, attempts: fromJson<WebhookAttempt[]>(raw.attempts) })

/** `add` is for the transaction that ends a run: makes its delivery, with the thread as it is then. */
export function createWebhookStore(db: Database, { write }: WriteQueue, checkpoints: CheckpointStore): WebhookStore & { add(run: RunRow, url: string): void } {
  const insert = db.prepare(`INSERT INTO webhook_deliveries (delivery_id, run_id, thread_id, run_status, url, origin, status, created_at, payload)
    VALUES (@delivery_id, @run_id, @thread_id, @status, @url, @origin, 'pending', @ended_at, @payload)`)
  const get = db.prepare<[string], RawWebhook>(`SELECT ${ROW} FROM webhook_deliveries WHERE delivery_id = ?`)
  const payload = db.prepare<[string], string>('SELECT payload FROM webhook_deliveries WHERE delivery_id = ?').pluck()
  const due = db.prepare<[number, string, string], RawWebhook>(`SELECT ${ROW} FROM webhook_deliveries WHERE status = 'pending' AND due_at <= ?
    AND origin NOT IN (SELECT value FROM json_each(?)) AND delivery_id NOT IN (SELECT value FROM json_each(?)) ORDER BY due_at, seq LIMIT 1`)
  const nextDue = db.prepare<[number], number | null>(`SELECT min(due_at) FROM webhook_deliveries WHERE status = 'pending' AND due_at > ?`).pluck()
  const record = db.prepare('UPDATE webhook_deliveries SET status = @status, due_at = @due_at, tries = tries + 1, attempts = @attempts, ended_at = @ended_at WHERE delivery_id = @id')
  const again = db.prepare<[string]>(`UPDATE webhook_deliveries SET status = 'pending', due_at = 0, tries = 0, ended_at = NULL WHERE delivery_id = ?`)
  const expire = db.prepare(`DELETE FROM webhook_deliveries WHERE seq IN (SELECT seq FROM webhook_deliveries WHERE status = ? AND ended_at < ? LIMIT ${EXPIRED_AT_A_TIME})`)

  const find = (id: string) => {
    const raw = get.get(id)
    return raw ? parse(raw) : null
  }

  return {
    add: (run, url) => void insert.run({
      delivery_id: uuid7(Date.parse(run.ended_at!)), run_id: run.run_id, thread_id: run.thread_id, status: run.status, url, origin: URL.parse(url)?.origin ?? '', ended_at: run.ended_at,
      payload: webhookPayload(run, endState(checkpoints, run.thread_id)),
    }),
    get: find,
    payload: (id) => payload.get(id) ?? null,
    list: (filter, page) => ({
      rows: db.prepare<unknown[], RawWebhook>(`SELECT ${ROW} ${matching(filter)} ORDER BY seq DESC LIMIT @limit OFFSET @offset`).all({ ...filter, ...page }).map(parse),
      total: db.prepare<unknown[], number>(`SELECT count(*) ${matching(filter)}`).pluck().get(filter)!,
    }),
    due: (now, { origins, ids }) => {
      const raw = due.get(now, toJson(origins), toJson(ids))
      return raw ? parse(raw) : null
    },
    nextDue: (now) => nextDue.get(now) ?? null,
    record: (id, attempt, next, now) => write(() => {
      const row = find(id)
      if (row) record.run({ id, status: next.status, due_at: next.status === 'pending' ? next.due_at : 0, attempts: toJson([...row.attempts, attempt].slice(-ATTEMPTS_KEPT)), ended_at: next.status === 'pending' ? null : now })
    }),
    resend: (id) => write(() => {
      again.run(id)
      return find(id)
    }),
    expire: async (endedBefore) => {
      for (const status of ['delivered', 'failed'] as const)
        while (await write(() => expire.run(status, endedBefore[status]).changes) === EXPIRED_AT_A_TIME) continue
    },
  }
}
