import type { Database } from 'better-sqlite3'
import { canMove } from '../../domain/run-transitions.ts'
import type { ListedRun, LogKey, RunCreation, RunCreationResult, RunEnd, RunFinish, RunRow, RunStore, StartedRun } from '../storage.ts'
import type { Chores } from './chores.ts'
import { prepareFiring } from './cron-store.ts'
import { createRunEraser } from './erase-run.ts'
import { prepareAppend } from './event-store.ts'
import { fromJson, fromJsonOrNull, toJson } from './json.ts'
import type { ThreadRemover } from './remove-threads.ts'
import type { Segments } from './segments.ts'
import { flattenThread, INSERT_THREAD, parseThread, UPDATE_THREAD, type RawThread } from './thread-store.ts'
import type { WriteQueue } from './write-queue.ts'

interface RawRun extends Omit<RunRow, 'metadata' | 'kwargs' | 'error' | 'temporary' | 'alone'> { seq: number, parked: number, metadata: string, kwargs: string, error: string | null, temporary: number, alone: number, webhook: string | null }

const parse = ({ seq: _seq, parked: _parked, webhook: _webhook, ...raw }: RawRun): RunRow => ({
  ...raw, metadata: fromJson(raw.metadata), kwargs: fromJson(raw.kwargs), error: fromJsonOrNull(raw.error), temporary: raw.temporary === 1, alone: raw.alone === 1,
})
const flatten = (row: RunRow): Omit<RawRun, 'seq' | 'parked'> => ({
  ...row, metadata: toJson(row.metadata), kwargs: toJson(row.kwargs), error: row.error && toJson(row.error), temporary: row.temporary ? 1 : 0, alone: row.alone ? 1 : 0,
  webhook: row.kwargs.webhook ?? null,
})

/** Only heads of lines are looked at (`parked`), longest due first: as many steps as there are delayed heads on busy threads, mostly none. */
const CLAIM_NEXT = `UPDATE runs SET status = 'running', attempt = attempt + 1, started_at = coalesce(started_at, @stamp), updated_at = @stamp
  WHERE seq = (
    SELECT p.seq FROM runs p WHERE p.status = 'pending' AND p.parked = 0 AND p.alone = @alone AND p.due_at <= @now
      AND NOT EXISTS (SELECT 1 FROM runs live WHERE live.thread_id = p.thread_id AND live.status = 'running')
    ORDER BY p.due_at, p.seq LIMIT 1)
  RETURNING *`

type RawListed = Omit<RawRun, 'kwargs' | 'parked' | 'webhook'> & { thread_title: string | null }

const parseListed = (raw: RawListed): ListedRun => ({
  ...raw, metadata: fromJson(raw.metadata), error: fromJsonOrNull(raw.error), temporary: raw.temporary === 1, alone: raw.alone === 1,
})

/** As clients see it: a run that is being cancelled is interrupted (§3.7). */
const SHOWN_AS = `(@status IS NULL OR CASE WHEN runs.status = 'running' AND cancel IS NOT NULL THEN 'interrupted' ELSE runs.status END = @status)`

function prepare(db: Database) {
  return {
    thread: db.prepare<[string], RawThread>('SELECT * FROM threads WHERE thread_id = ?'),
    insertThread: db.prepare(INSERT_THREAD),
    updateThread: db.prepare(UPDATE_THREAD),
    insert: db.prepare(`INSERT INTO runs (run_id, thread_id, assistant_id, graph_id, status, cancel, metadata, kwargs, multitask_strategy, temporary, alone, attempt, due_at, error, cancel_reason, created_at, updated_at, started_at, ended_at, webhook)
      VALUES (@run_id, @thread_id, @assistant_id, @graph_id, @status, @cancel, @metadata, @kwargs, @multitask_strategy, @temporary, @alone, @attempt, @due_at, @error, @cancel_reason, @created_at, @updated_at, @started_at, @ended_at, @webhook)`),
    get: db.prepare<[string], RawRun>('SELECT * FROM runs WHERE run_id = ? AND EXISTS (SELECT 1 FROM threads WHERE threads.thread_id = runs.thread_id)'),
    count: db.prepare<unknown[], number>('SELECT count(*) FROM runs WHERE thread_id = @threadId').pluck(),
    countShown: db.prepare<unknown[], number>(`SELECT count(*) FROM runs WHERE thread_id = @threadId AND ${SHOWN_AS}`).pluck(),
    cancellable: db.prepare<unknown[], LogKey>(`SELECT run_id, thread_id FROM runs WHERE status = 'pending' AND 'pending' IN (SELECT value FROM json_each(@statuses))
      UNION ALL SELECT run_id, thread_id FROM runs WHERE status = 'running' AND cancel IS NULL AND 'running' IN (SELECT value FROM json_each(@statuses))`),
    // By `seq` downwards until the page is full: what a run was asked to do is never read.
    listAll: db.prepare<unknown[], RawListed>(`SELECT runs.seq, runs.run_id, runs.thread_id, runs.assistant_id, runs.graph_id, runs.status, runs.cancel, runs.metadata, runs.multitask_strategy, runs.temporary, runs.alone, runs.attempt, runs.due_at, runs.error, runs.cancel_reason,
        runs.created_at, runs.updated_at, runs.started_at, runs.ended_at, t.title AS thread_title
      FROM runs JOIN threads t ON t.thread_id = runs.thread_id
      WHERE (@before IS NULL OR runs.seq < @before) AND (@graphId IS NULL OR runs.graph_id = @graphId) AND (@cronId IS NULL OR runs.metadata ->> '$.cron_id' = @cronId) AND ${SHOWN_AS}
      ORDER BY runs.seq DESC LIMIT @limit`),
    oldestPending: db.prepare<[], string | null>(`SELECT min(created_at) FROM runs WHERE status = 'pending'`).pluck(),
    active: db.prepare<[string], RawRun>(`SELECT * FROM runs WHERE thread_id = ? AND status IN ('pending', 'running') AND cancel IS NULL ORDER BY seq`),
    hasRun: db.prepare<[string], 1>(`SELECT 1 FROM runs WHERE thread_id = ? AND status IN ('pending', 'running') LIMIT 1`).pluck(),
    isActive: db.prepare<[string, string], number>(`SELECT EXISTS (SELECT 1 FROM runs WHERE thread_id = ? AND status = 'pending') OR EXISTS (SELECT 1 FROM runs WHERE thread_id = ? AND status = 'running' AND cancel IS NULL)`).pluck(),
    offersAlone: db.prepare<[number], number>(`SELECT EXISTS (SELECT 1 FROM runs p WHERE p.status = 'pending' AND p.parked = 0 AND p.alone = 1 AND p.due_at <= ?
      AND NOT EXISTS (SELECT 1 FROM runs live WHERE live.thread_id = p.thread_id AND live.status = 'running'))`).pluck(),
    claim: db.prepare<unknown[], RawRun>(CLAIM_NEXT),
    offers: db.prepare<[number, number], 1>(`SELECT 1 FROM runs WHERE status = 'pending' AND parked = 0 AND alone = ? AND due_at <= ? LIMIT 1`).pluck(),
    state: db.prepare<[string], Pick<RawRun, 'run_id' | 'thread_id' | 'status' | 'cancel' | 'error' | 'webhook'>>('SELECT run_id, thread_id, status, cancel, error, webhook FROM runs WHERE run_id = ?'),
    nextDue: db.prepare<unknown[], { due: number | null }>(`SELECT min(due) AS due FROM (SELECT min(due_at) AS due FROM runs WHERE status = 'pending' AND parked = 0 AND alone = 0 AND due_at > @now
      UNION ALL SELECT min(due_at) FROM runs WHERE status = 'pending' AND parked = 0 AND alone = 1 AND due_at > @now)`),
    requeue: db.prepare(`UPDATE runs SET status = 'pending', due_at = 0, attempt = attempt - @refund, alone = max(alone, @alone), updated_at = @now WHERE run_id = @id AND status = 'running' AND cancel IS NULL`),
    endPending: db.prepare(`UPDATE runs SET status = 'interrupted', cancel_reason = @reason, updated_at = @now, ended_at = @now WHERE run_id = @id AND status = 'pending'`),
    askToStop: db.prepare(`UPDATE runs SET cancel = CASE cancel WHEN 'rollback' THEN 'rollback' ELSE @action END, cancel_reason = coalesce(cancel_reason, @reason), updated_at = @now WHERE run_id = @id AND status = 'running'`),
    end: db.prepare(`UPDATE runs SET status = @status, error = @error, updated_at = @now, ended_at = @now WHERE run_id = @run_id AND status IN ('running', 'pending')`),
    delete: db.prepare('DELETE FROM runs WHERE run_id = ?'),
    setBusy: db.prepare(`UPDATE threads SET status = 'busy', expires_at = NULL WHERE thread_id = ? AND status <> 'busy'`),
    running: db.prepare<[], RawRun>(`SELECT * FROM runs WHERE status = 'running'`),
    // Apart, each is counted in an index that holds no other run; together they read the table.
    counts: db.prepare<[], { pending: number, running: number }>(`SELECT (SELECT count(*) FROM runs WHERE status = 'pending') AS pending, (SELECT count(*) FROM runs WHERE status = 'running') AS running`),
  }
}

const ROLL_BACK = Symbol('what the run wrote has to be taken back first')

export interface RunStoreParts {
  readonly segments: Segments
  readonly chores: Chores
  readonly remover: ThreadRemover
  /** Inside a write: tells a webhook of a run that has just ended. */
  readonly addWebhook: (run: RunRow, url: string) => void
}

export function createRunStore(db: Database, queue: WriteQueue, { segments, chores, remover, addWebhook }: RunStoreParts): RunStore {
  const { write, commit, durable } = queue
  const sql = prepare(db)
  const eraseRun = createRunEraser(db, queue, segments, chores)
  const append = prepareAppend(db)
  const firings = prepareFiring(db)
  const get = (runId: string) => {
    const raw = sql.get.get(runId)
    return raw ? parse(raw) : null
  }

  const isActive = (threadId: string) => sql.isActive.get(threadId, threadId) === 1

  /** Pending: over at once (or gone, when rolled back). Running: marked, and its worker is told by the engine. */
  function stop(run: RunRow, action: 'interrupt' | 'rollback', now: string, reason: string | null = null): 'removed' | 'ended' | 'stopping' {
    if (run.status === 'running') {
      sql.askToStop.run({ id: run.run_id, action, now, reason })
      return 'stopping'
    }
    if (run.kwargs.webhook) addWebhook({ ...run, status: 'interrupted', updated_at: now, ended_at: now }, run.kwargs.webhook)
    if (action === 'rollback') sql.delete.run(run.run_id)
    else sql.endPending.run({ id: run.run_id, now, reason })
    return action === 'rollback' ? 'removed' : 'ended'
  }

  /** A run that nothing stands before may start as it is stored: it never waits in an index. */
  function insert(run: RunRow, start: RunCreation['start'], isFirst: boolean): { kind: 'created', run: RunRow, started: StartedRun | null } {
    const now = isFirst && run.due_at === 0 ? start?.() : null
    if (!now) {
      sql.insert.run(flatten(run))
      return { kind: 'created', run, started: null }
    }
    const running: RunRow = { ...run, status: 'running', attempt: 1, started_at: now.stamp, updated_at: now.stamp }
    sql.insert.run(flatten(running))
    return { kind: 'created', run, started: { run: running, events: append(run.thread_id, run.run_id, now.firstEvents(running)) } }
  }

  function create({ run, newThread, onThread, decide, start }: RunCreation): RunCreationResult {
    const raw = sql.thread.get(run.thread_id)
    if (!raw) {
      if (!newThread) return { kind: 'no_thread' }
      sql.insertThread.run({ ...flattenThread(onThread(newThread)), temporary: run.temporary ? 1 : 0 })
      return { ...insert(run, start, true), threadCreated: true, cancelled: [], removed: [] }
    }
    const decision = decide(isActive(run.thread_id))
    if (decision.kind === 'refuse') return { kind: 'busy' }
    const stopped = decision.kind === 'cancel' ? sql.active.all(run.thread_id).map(parse).map((other) => ({ run: other, how: stop(other, decision.action, run.created_at) })) : []
    sql.updateThread.run(flattenThread(onThread(parseThread(raw))))
    return {
      ...insert(run, start, !sql.hasRun.get(run.thread_id)), threadCreated: false,
      cancelled: stopped.filter(({ how }) => how !== 'removed').map(({ run: other }) => other),
      removed: stopped.filter(({ how }) => how === 'removed').map(({ run: other }) => other),
    }
  }

  /** A cron that was changed or has fired meanwhile makes nothing; one whose run is refused stays due. */
  function createOnce(creation: RunCreation): RunCreationResult {
    if (creation.firing && !firings.isDue(creation.firing)) return { kind: 'not_due' }
    const result = create(creation)
    if (creation.firing && result.kind === 'created') firings.advance(creation.firing, null)
    return result
  }

  function finish(end: RunEnd): RunFinish | null {
    const run = sql.state.get(end.run_id)
    if (!run) return null
    // A cancel that was acknowledged holds, however the run ended meanwhile; seen here, in the same transaction, none can slip by.
    const status = run.cancel ? 'interrupted' : end.status
    const error = run.cancel ? null : end.error
    if (!canMove(run.status, status) || sql.end.run({ run_id: end.run_id, status, error: error && toJson(error), now: end.now }).changes === 0) return null
    const events = append(run.thread_id, run.run_id, end.events.filter(({ event }) => !run.cancel || event !== 'error'))
    // Before the run and its thread may go.
    if (run.webhook) addWebhook(get(run.run_id)!, run.webhook)
    if (end.rollback || run.cancel === 'rollback') sql.delete.run(run.run_id)
    const isTaken = isActive(run.thread_id)
    const isGone = end.deleteThread && !isTaken && remover.remove(run.thread_id) !== null
    const thread = isGone ? undefined : sql.thread.get(run.thread_id)
    const settled = thread && end.thread(parseThread(thread), isTaken, status)
    if (settled) sql.updateThread.run(flattenThread(settled))
    return { status, thread: settled?.status ?? null, events }
  }

  /** Says so in the row as well: should the server die before all is taken back, the next one goes on with it. */
  function startRollback({ run_id, rollback, now }: RunEnd): boolean {
    const run = sql.state.get(run_id)
    if (!run || (!rollback && run.cancel !== 'rollback') || (run.status !== 'running' && run.status !== 'pending')) return false
    sql.askToStop.run({ id: run_id, action: 'rollback', now, reason: null })
    return true
  }

  return {
    create: async (creation, onCommit) => {
      const result = creation.newThread ? await remover.whenFree(creation.run.thread_id, () => createOnce(creation)) : await commit(() => createOnce(creation))
      onCommit?.(result)
      await durable()
      return result
    },
    get,
    state: (runId) => {
      const raw = sql.state.get(runId)
      return raw ? { status: raw.status, cancel: raw.cancel, error: fromJsonOrNull(raw.error) } : null
    },
    list: (threadId, { status, newestFirst }, page) => db.prepare<unknown[], RawRun>(`SELECT * FROM runs WHERE thread_id = @threadId AND ${SHOWN_AS}
      ORDER BY seq ${newestFirst ? 'DESC' : 'ASC'} LIMIT @limit OFFSET @offset`)
      .all({ threadId, status, limit: page?.limit ?? -1, offset: page?.offset ?? 0 }).map(parse),
    listAll: (filter, limit) => sql.listAll.all({ ...filter, limit }).map(parseListed),
    oldestPending: () => sql.oldestPending.get() ?? null,
    active: (threadId) => sql.active.all(threadId).map(parse),
    countOf: (threadId, status) => (status ? sql.countShown : sql.count).get({ threadId, status })!,
    cancellable: (status) => sql.cancellable.all({ statuses: toJson(status === 'all' ? ['pending', 'running'] : [status]) }),
    offers: (now) => sql.offers.get(0, now) === 1 || sql.offers.get(1, now) === 1,
    claimNext: async (now, stamp, alone, firstEvents) => sql.offers.get(alone ? 1 : 0, now) ? commit(() => {
      const raw = sql.claim.get({ now, stamp, alone: alone ? 1 : 0 })
      if (!raw) return null
      sql.setBusy.run(raw.thread_id)
      const run = parse(raw)
      return { run, events: append(run.thread_id, run.run_id, firstEvents(run)) }
    }) : null,
    offersAlone: (now) => sql.offersAlone.get(now) === 1,
    nextDue: (now) => sql.nextDue.get({ now })?.due ?? null,
    requeue: (runId, now, { refund, alone }) => write(() => sql.requeue.run({ id: runId, now, refund: refund ? 1 : 0, alone: alone ? 1 : 0 }).changes > 0),
    requestCancel: (runId, action, now, reason = null) => write(() => {
      const run = get(runId)
      if (!run || (run.status !== 'pending' && run.status !== 'running')) return 'none'
      if (stop(run, action, now, reason) === 'stopping') return 'stopping'
      if (run.temporary && !isActive(run.thread_id)) remover.remove(run.thread_id)
      return 'ended'
    }),
    finish: async (end) => {
      const result = await write(() => startRollback(end) ? ROLL_BACK : finish(end))
      if (result !== ROLL_BACK) return result
      const run = sql.state.get(end.run_id)
      if (run) await eraseRun(run.thread_id, run.run_id)
      return write(() => finish(end))
    },
    delete: (runId) => write(() => sql.delete.run(runId).changes > 0),
    running: () => sql.running.all().map(parse),
    counts: () => sql.counts.get()!,
  }
}
