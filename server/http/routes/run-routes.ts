import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type, type Static } from 'typebox'
import { CheckpointId, isSet, Limit, listOf, Literals, Offset, QueryFlag, QueryList } from '../../contract/common.ts'
import { RUN_FIELDS, RUN_STATUSES, RunBatch, RunCancel, RunCreate, STREAM_MODES, type Run } from '../../contract/run.ts'
import { PlatformError } from '../../errors.ts'
import type { RunService } from '../../services/run-service.ts'
import { lastEventId, lastEventIdText } from '../last-event-id.ts'
import { goneSignal, sendEvents, sendWhenReady } from '../sse.ts'
import { originOf, paginationHeaders, queryNames, RunParams, StatelessRunParams, ThreadParams, type TypedApp } from '../typed-app.ts'

const Action = Type.Optional(Literals(['interrupt', 'rollback']))
/** Namespaces of subgraphs, `node` or `node:task`, joined by `|` (§2.4). */
const StreamQuery = Type.Object({ namespace: QueryList })
const OutputQuery = Type.Object({ cancel_on_disconnect: QueryFlag })
/** `checkpoint_id` says what the client has already; `Last-Event-ID` says it more exactly, and alone counts. */
const JoinQuery = Type.Object({ stream_mode: QueryList, cancel_on_disconnect: QueryFlag, namespace: QueryList, checkpoint_id: Type.Optional(CheckpointId) })
const CancelQuery = Type.Object({ wait: QueryFlag, action: Action, reason: Type.Optional(Literals(['taken'])) })
const ListQuery = Type.Object({ limit: Limit(10), offset: Offset, status: Type.Optional(Literals(RUN_STATUSES)), select: QueryList })

export function runRoutes(app: TypedApp, { runs }: { runs: RunService }): void {
  const pathOf = (run: Run, threadId: string | null) => threadId === null ? `/runs/${run.run_id}` : `/threads/${run.thread_id}/runs/${run.run_id}`
  const create = (request: FastifyRequest, threadId: string | null, body: RunCreate) => runs.create(threadId, body, originOf(request))

  /** The run goes on without its client, unless that was asked for. */
  function cancelWhenGone(gone: AbortSignal, isWanted: boolean, run: Pick<Run, 'run_id' | 'thread_id'>): { done(): void } {
    let isDone = false
    const cancel = () => {
      // The run may have ended by itself meanwhile: then there is nothing left to cancel.
      if (!isDone) runs.cancel(run.thread_id, run.run_id, 'interrupt', false).catch(() => {})
    }
    if (isWanted && gone.aborted) cancel()
    else if (isWanted) gone.addEventListener('abort', cancel)
    return { done: () => { isDone = true } }
  }

  async function follow(reply: FastifyReply, run: Run, options: { after: number | 'live', modes: string[] | null, namespaces: string[] | null, cancel: boolean, headers: Record<string, string> }) {
    const gone = goneSignal(reply)
    const watch = cancelWhenGone(gone, options.cancel, run)
    await sendEvents(reply, ended(runs.stream(run, { after: options.after, modes: options.modes, namespaces: options.namespaces, signal: gone }), watch.done), options.headers, gone)
  }

  async function wait(reply: FastifyReply, run: Run, options: { cancel: boolean, headers: Record<string, string> }) {
    const gone = goneSignal(reply)
    const watch = cancelWhenGone(gone, options.cancel, run)
    await sendWhenReady(reply, runs.output(run, gone).finally(watch.done), options.headers)
  }

  function creationRoutes(prefix: string, schema: { body: typeof RunCreate, querystring: typeof StreamQuery, params?: typeof ThreadParams }, threadOf: (request: FastifyRequest) => string | null): void {
    app.post(prefix, { schema }, async (request, reply) => {
      const run = await create(request, threadOf(request), request.body)
      return reply.header('content-location', pathOf(run, threadOf(request))).send(run)
    })
    app.post(`${prefix}/stream`, { schema }, async (request, reply) => {
      const threadId = threadOf(request)
      const run = await create(request, threadId, request.body)
      const path = pathOf(run, threadId)
      await follow(reply, run, { after: -1, modes: null, namespaces: listOf(request.query.namespace), cancel: request.body.on_disconnect === 'cancel', headers: { 'content-location': path, ...streamLocation(run, path, request.query) } })
    })
    app.post(`${prefix}/wait`, { schema }, async (request, reply) => {
      const threadId = threadOf(request)
      const run = await create(request, threadId, withValues(request.body))
      const path = pathOf(run, threadId)
      const headers: Record<string, string> = { 'content-location': path, ...(threadId === null ? {} : { location: `${path}/join` }) }
      await wait(reply, run, { cancel: request.body.on_disconnect === 'cancel', headers })
    })
  }

  app.post('/runs/batch', { schema: { body: RunBatch }, preValidation: async (request) => { request.body = withSnakeKeys(request.body) as typeof request.body } }, async (request) => runs.createBatch(request.body, originOf(request)))
  app.post('/runs/cancel', { schema: { body: RunCancel, querystring: Type.Object({ action: Action }) } }, async ({ body, query }, reply) => {
    await runs.cancelMany(body, query.action ?? 'interrupt')
    return reply.code(204).send()
  })
  creationRoutes('/runs', { body: RunCreate, querystring: StreamQuery }, () => null)
  creationRoutes('/threads/:thread_id/runs', { body: RunCreate, querystring: StreamQuery, params: ThreadParams }, (request) => (request.params as { thread_id: string }).thread_id)

  app.get('/threads/:thread_id/runs', { schema: { params: ThreadParams, querystring: ListQuery } }, async ({ params, query }, reply) => {
    const select = queryNames('select', query.select, (name) => (RUN_FIELDS as readonly string[]).includes(name), RUN_FIELDS.join(', '))
    const { items, total } = runs.list(params.thread_id, { status: query.status ?? null, limit: query.limit ?? 10, offset: query.offset ?? 0, select })
    return reply.headers(paginationHeaders(total, query, items.length)).send(items)
  })
  app.get('/threads/:thread_id/runs/:run_id', { schema: { params: RunParams } }, async ({ params }) => runs.get(params.thread_id, params.run_id))
  app.delete('/threads/:thread_id/runs/:run_id', { schema: { params: RunParams } }, async ({ params }, reply) => {
    await runs.delete(params.thread_id, params.run_id)
    return reply.code(204).send()
  })
  app.post('/threads/:thread_id/runs/:run_id/cancel', { schema: { params: RunParams, querystring: CancelQuery } }, async ({ params, query }, reply) => {
    if (query.reason && query.action === 'rollback') throw new PlatformError('invalid_request', 'querystring/reason goes with action interrupt only: a run that is rolled back is gone.')
    await runs.cancel(params.thread_id, params.run_id, query.action ?? 'interrupt', isSet(query.wait), query.reason && TAKEN)
    if (!isSet(query.wait)) return reply.code(202).send()
    return reply.header('location', `/threads/${params.thread_id}/runs/${params.run_id}/join`).code(204).send()
  })
  app.get('/threads/:thread_id/runs/:run_id/join', { schema: { params: RunParams, querystring: OutputQuery } }, async ({ params, query }, reply) => {
    const run = runs.get(params.thread_id, params.run_id)
    const path = pathOf(run, run.thread_id)
    await wait(reply, run, { cancel: isSet(query.cancel_on_disconnect), headers: { 'content-location': path, location: `${path}/join` } })
  })
  app.get('/threads/:thread_id/runs/:run_id/stream', { schema: { params: RunParams, querystring: JoinQuery } }, async (request, reply) => {
    const run = runs.get(request.params.thread_id, request.params.run_id)
    await join(request, reply, run, request.query, pathOf(run, run.thread_id))
  })
  app.get('/runs/:run_id/stream', { schema: { params: StatelessRunParams, querystring: JoinQuery } }, async (request, reply) => {
    const run = runs.find(request.params.run_id)
    await join(request, reply, run, request.query, pathOf(run, null))
  })

  async function join(request: FastifyRequest, reply: FastifyReply, run: Run, query: Static<typeof JoinQuery>, path: string) {
    const after = lastEventId(lastEventIdText(request))
    const modes = queryNames('stream_mode', query.stream_mode, (name) => (STREAM_MODES as readonly string[]).includes(name), STREAM_MODES.join(', '))
    await follow(reply, run, { after, modes, namespaces: listOf(query.namespace), cancel: isSet(query.cancel_on_disconnect), headers: { 'content-location': path, ...streamLocation(run, path, query) } })
  }
}

/** §3.7: the input of a run that was queued went into the running one. */
const TAKEN = 'taken: its input went into the run before it'

/** Where a client that lost the stream goes on, filtered as before (§2.5); nowhere, when the run takes its thread along. */
function streamLocation(run: Run, path: string, { stream_mode, namespace }: { stream_mode?: string | string[], namespace?: string | string[] }): Record<string, string> {
  if (run.kwargs.temporary) return {}
  const query = new URLSearchParams([...(listOf(stream_mode) ?? []).map((mode) => ['stream_mode', mode]), ...(listOf(namespace) ?? []).map((one) => ['namespace', one])])
  return { location: `${path}/stream${query.size ? `?${query}` : ''}` }
}

/** The JavaScript client sends the items of a batch under its own names for them (§1.1). */
function withSnakeKeys(body: unknown): unknown {
  if (!Array.isArray(body)) return body
  const snake = (key: string) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  return body.map((item: unknown) => typeof item !== 'object' || item === null || Array.isArray(item) ? item : Object.fromEntries(Object.entries(item).map(([key, value]) => [snake(key), value])))
}

/** The final output is the last `values` event, so a waiting run must have them. */
function withValues(body: RunCreate): RunCreate {
  const modes = body.stream_mode ?? []
  return { ...body, stream_mode: [...new Set([...Array.isArray(modes) ? modes : [modes], 'values' as const])] }
}

async function* ended<T>(events: AsyncIterable<T>, onEnd: () => void): AsyncGenerator<T> {
  yield* events
  onEnd()
}
