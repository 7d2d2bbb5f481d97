import { CRON_PAYLOAD_FIELDS, type Cron, type CronCreate, type CronFilter, type CronPatch, type CronPayload, type CronSearch } from '../contract/cron.ts'
import type { RunCreate } from '../contract/run.ts'
import { endTimeOf, isOver, nextDue, requireTimes } from '../domain/cron-times.ts'
import { uuid7 } from '../domain/uuid7.ts'
import { stamp, type Clock } from '../engine/clock.ts'
import { cronNotFound, PlatformError, threadNotFound } from '../errors.ts'
import type { CronRow, Storage } from '../storage/storage.ts'
import { refuseBoth, type AssistantService } from './assistant-service.ts'
import type { RunOrigin, RunService } from './run-service.ts'
import { selectFields } from './select-fields.ts'
import type { ThreadService } from './thread-service.ts'
import type { WebhookService } from './webhook-service.ts'

export interface CronService {
  /** A null thread makes one for each run. The runs are of whoever makes the cron. */
  create(threadId: string | null, body: CronCreate, from: Pick<RunOrigin, 'user' | 'owned'>): Promise<Cron>
  get(cronId: string): Cron
  /** What changes its times counts from now on: a due time that was missed is not made up for. */
  patch(cronId: string, body: CronPatch): Promise<Cron>
  delete(cronId: string): Promise<void>
  search(body: CronSearch): { items: Partial<Cron>[], total: number }
  count(body: CronFilter): number
  /**
   * Makes the run of a due time, as a client's request would. Of several times that went by, the cron makes up for one. A
   * refusal passes the time and is told in `error`; throws when the storage fails, and the cron stays due.
   */
  fire(cronId: string): Promise<void>
}

interface Parts { storage: Storage, assistants: AssistantService, threads: ThreadService, runs: RunService, clock: Clock, webhooks: Pick<WebhookService, 'check'>, wake: () => void }

export function createCronService({ storage, assistants, threads, runs, clock, webhooks, wake }: Parts): CronService {
  const { crons } = storage

  async function create(threadId: string | null, body: CronCreate, { user, owned = null }: Pick<RunOrigin, 'user' | 'owned'>): Promise<Cron> {
    const { assistant_id } = assistants.get(body.assistant_id)
    const now = stamp(clock)
    const row = timed({
      cron_id: uuid7(clock.now()), assistant_id, thread_id: threadId, schedule: body.schedule, timezone: body.timezone ?? null,
      end_time: body.end_time ? endTimeOf(body.end_time) : null, enabled: body.enabled ?? true,
      on_run_completed: threadId === null ? body.on_run_completed ?? 'delete' : null,
      payload: payloadOf({}, body), metadata: body.metadata ?? {}, next_due: null, error: null, owner: user ? { user, owned } : null, revision: 0, created_at: now, updated_at: now,
    })
    requireUsable(row.payload)
    if (!await crons.insert(row) && threadId !== null) throw threadNotFound(threadId)
    wake()
    return present(row)
  }

  async function patch(cronId: string, body: CronPatch): Promise<Cron> {
    if (!PATCHABLE.some((key) => body[key] !== undefined)) throw new PlatformError('nothing_to_change', 'The body names nothing that can be changed.')
    const assistantId = body.assistant_id ? assistants.get(body.assistant_id).assistant_id : null
    const end_time = body.end_time ? endTimeOf(body.end_time) : body.end_time
    const row = await crons.patch(cronId, (current) => {
      const next: CronRow = {
        ...current, assistant_id: assistantId ?? current.assistant_id, schedule: body.schedule ?? current.schedule, enabled: body.enabled ?? current.enabled,
        timezone: body.timezone === undefined ? current.timezone : body.timezone, end_time: end_time === undefined ? current.end_time : end_time,
        on_run_completed: current.thread_id === null ? body.on_run_completed ?? current.on_run_completed : null,
        payload: payloadOf(current.payload, body), metadata: { ...current.metadata, ...body.metadata }, updated_at: stamp(clock),
      }
      requireUsable(next.payload)
      return TIMES.some((key) => next[key] !== current[key]) ? timed(next) : next
    })
    if (!row) throw cronNotFound(cronId)
    wake()
    return present(row)
  }

  /** What would be refused at every due time is refused now. */
  function requireUsable(payload: CronPayload): void {
    refuseBoth(payload)
    if (payload.webhook) webhooks.check(payload.webhook)
  }

  function timed(row: CronRow): CronRow {
    requireTimes(row, clock.now())
    return { ...row, next_due: nextDue(row, clock.now()) }
  }

  async function fire(cronId: string): Promise<void> {
    // Its thread's time may be over, and nobody has asked for it since.
    await threads.expire()
    const cron = crons.get(cronId)
    const now = clock.now()
    if (!cron || cron.next_due === null || cron.next_due > now) return
    const firing = { cron_id: cronId, revision: cron.revision, due: cron.next_due }
    let next: number | null = null
    try {
      next = nextDue(cron, now)
      if (isOver(cron, firing.due, now)) await crons.pass({ ...firing, next }, null)
      else await runs.createForCron(cron.thread_id, runOf(cron), { ...firing, next }, cron.owner ?? {})
    } catch (error) {
      if (!(error instanceof PlatformError) || error.code.startsWith('storage_')) throw error
      await crons.pass({ ...firing, next }, error.message)
    }
  }

  /** By id, or by a graph's name like everywhere; what names no assistant has no crons, or those of a deleted one. */
  function filterOf(body: CronFilter): CronFilter {
    const ref = body.assistant_id
    return ref ? { ...body, assistant_id: assistants.find(ref)?.assistant_id ?? ref } : body
  }

  return {
    create, patch, fire,
    get: (cronId) => {
      const row = crons.get(cronId)
      if (!row) throw cronNotFound(cronId)
      return present(row)
    },
    delete: async (cronId) => {
      if (!await crons.delete(cronId)) throw cronNotFound(cronId)
    },
    search: (body) => {
      const { rows, total } = crons.search(filterOf(body), { by: body.sort_by ?? 'created_at', descending: body.sort_order !== 'asc' }, { limit: body.limit ?? 10, offset: body.offset ?? 0 })
      return { total, items: selectFields(rows.map(present), body.select) }
    },
    count: (body) => crons.count(filterOf(body)),
  }
}

const TIMES = ['schedule', 'timezone', 'end_time', 'enabled'] as const
const PATCHABLE = [...CRON_PAYLOAD_FIELDS, ...TIMES, 'assistant_id', 'metadata', 'on_run_completed'] as const

/** What is given replaces, and null takes away. */
function payloadOf(current: CronPayload, given: CronPayload): CronPayload {
  const changes = CRON_PAYLOAD_FIELDS.filter((key) => given[key] !== undefined).map((key) => [key, given[key]] as const)
  return Object.fromEntries(Object.entries({ ...current, ...Object.fromEntries(changes) }).filter(([, value]) => value !== null))
}

/** The request that makes a run. Its metadata says which cron it is of. */
const runOf = (cron: CronRow): RunCreate => ({
  ...cron.payload, assistant_id: cron.assistant_id, metadata: { ...cron.metadata, cron_id: cron.cron_id },
  ...(cron.on_run_completed ? { on_completion: cron.on_run_completed } : {}),
})

function present(row: CronRow): Cron {
  const { next_due, revision: _revision, owner, ...cron } = row
  return { ...cron, payload: runOf(row), next_run_date: next_due === null ? null : new Date(next_due).toISOString(), user_id: owner?.user.identity ?? null }
}
