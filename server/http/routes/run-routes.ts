import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { isSet, Limit, listOf, Literals, Offset, QueryFlag, QueryList } from '../../contract/common.ts'
import { RUN_STATUSES, RunBatch, RunCreate, type Run } from '../../contract/run.ts'
import type { RunService } from '../../services/run-service.ts'
import { lastEventId, lastEventIdText } from '../last-event-id.ts'
import { goneSignal, sendEvents, sendWhenReady } from '../sse.ts'
import { RunParams, StatelessRunParams, ThreadParams, type TypedApp } from '../typed-app.ts'

const JoinQuery = Type.Object({ stream_mode: QueryList, cancel_on_disconnect: QueryFlag })
const CancelQuery = Type.Object({ wait: QueryFlag, action: Type.Optional(Literals(['interrupt', 'rollback'])) })
const ListQuery = Type.Object({ limit: Limit(10), offset: Offset, status: Type.Optional(Literals(RUN_STATUSES)), select: QueryList })

export function runRoutes(app: TypedApp, { runs }: { runs: RunService }): void {
  const pathOf = (run: Run, threadId: string | null) => threadId === null ? `/runs/${run.run_id}` : `/threads/${run.thread_id}/runs/${run.run_id}`
  const create = (request: FastifyRequest, threadId: string | null, body: RunCreate) => runs.create(threadId, body, request.headers)

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

  async function follow(reply: FastifyReply, run: Run, options: { after: number | 'live', modes: string[] | null, cancel: boolean, headers: Record<string, string> }) {
    const gone = goneSignal(reply)
    const watch = cancelWhenGone(gone, options.cancel, run)
    await sendEvents(reply, ended(runs.stream(run, { after: options.after, modes: options.modes, signal: gone }), watch.done), options.headers, gone)
  }

  async function wait(reply: FastifyReply, run: Run, options: { cancel: boolean, headers: Record<string, string> }) {
    const gone = goneSignal(reply)
    const watch = cancelWhenGone(gone, options.cancel, run)
    await sendWhenReady(reply, runs.output(run, gone).finally(watch.done), options.headers)
  }

  function creationRoutes(prefix: string, schema: { body: typeof RunCreate, params?: typeof ThreadParams }, threadOf: (request: FastifyRequest) => string | null): void {
    app.post(prefix, { schema }, async (request, reply) => {
      const run = await create(request, threadOf(request), request.body)
      return reply.header('content-location', pathOf(run, threadOf(request))).send(run)
    })
    app.post(`${prefix}/stream`, { schema }, async (request, reply) => {
      const threadId = threadOf(request)
      const run = await create(request, threadId, request.body)
      const path = pathOf(run, threadId)
      await follow(reply, run, { after: -1, modes: null, cancel: request.body.on_disconnect === 'cancel', headers: { 'content-location': path, ...(run.kwargs.temporary ? {} : { location: `${path}/stream` }) } })
    })
    app.post(`${prefix}/wait`, { schema }, async (request, reply) => {
      const threadId = threadOf(request)
      const run = await create(request, threadId, withValues(request.body))
      const path = pathOf(run, threadId)
      const headers: Record<string, string> = { 'content-location': path, ...(threadId === null ? {} : { location: `${path}/join` }) }
      await wait(reply, run, { cancel: request.body.on_disconnect === 'cancel', headers })
    })
  }

  app.post('/runs/batch', { schema: { body: RunBatch }, preValidation: async (request) => { request.body = withSnakeKeys(request.body) as typeof request.body } }, async ({ body, headers }) => runs.createBatch(body, headers))
  creationRoutes('/runs', { body: RunCreate }, () => null)
  creationRoutes('/threads/:thread_id/runs', { body: RunCreate, params: ThreadParams }, (request) => (request.params as { thread_id: string }).thread_id)

  app.get('/threads/:thread_id/runs', { schema: { params: ThreadParams, querystring: ListQuery } }, async ({ params, query }) =>
    runs.list(params.thread_id, { status: query.status ?? null, limit: query.limit ?? 10, offset: query.offset ?? 0, select: listOf(query.select) }))
  app.get('/threads/:thread_id/runs/:run_id', { schema: { params: RunParams } }, async ({ params }) => runs.get(params.thread_id, params.run_id))
  app.delete('/threads/:thread_id/runs/:run_id', { schema: { params: RunParams } }, async ({ params }, reply) => {
    await runs.delete(params.thread_id, params.run_id)
    return reply.code(204).send()
  })
  app.post('/threads/:thread_id/runs/:run_id/cancel', { schema: { params: RunParams, querystring: CancelQuery } }, async ({ params, query }, reply) => {
    await runs.cancel(params.thread_id, params.run_id, query.action ?? 'interrupt', isSet(query.wait))
    return reply.code(isSet(query.wait) ? 204 : 202).send()
  })
  app.get('/threads/:thread_id/runs/:run_id/join', { schema: { params: RunParams, querystring: JoinQuery } }, async ({ params, query }, reply) => {
    const run = runs.get(params.thread_id, params.run_id)
    await wait(reply, run, { cancel: isSet(query.cancel_on_disconnect), headers: { 'content-location': pathOf(run, run.thread_id) } })
  })
  app.get('/threads/:thread_id/runs/:run_id/stream', { schema: { params: RunParams, querystring: JoinQuery } }, async (request, reply) => {
    const run = runs.get(request.params.thread_id, request.params.run_id)
    await join(request, reply, run, request.query, pathOf(run, run.thread_id))
  })
  app.get('/runs/:run_id/stream', { schema: { params: StatelessRunParams, querystring: JoinQuery } }, async (request, reply) => {
    const run = runs.find(request.params.run_id)
    await join(request, reply, run, request.query, pathOf(run, null))
  })

  async function join(request: FastifyRequest, reply: FastifyReply, run: Run, query: { stream_mode?: string | string[], cancel_on_disconnect?: string }, path: string) {
    const after = lastEventId(lastEventIdText(request))
    await follow(reply, run, { after, modes: listOf(query.stream_mode), cancel: isSet(query.cancel_on_disconnect), headers: { 'content-location': path, ...(run.kwargs.temporary ? {} : { location: `${path}/stream` }) } })
  }
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
