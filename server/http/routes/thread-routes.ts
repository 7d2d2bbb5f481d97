import { Type } from 'typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { CheckpointId, isSet, Limit, listOf, Maybe, prefersMinimal, QueryFlag, QueryList } from '../../contract/common.ts'
import { HistoryQuery, STATE_FIELDS, StateAt, StatePatch, StateUpdate, ThreadCreate, ThreadFilter, ThreadPatch, ThreadPrune, ThreadSearch, type Thread } from '../../contract/thread.ts'
import type { StateService } from '../../services/state-service.ts'
import type { ThreadService } from '../../services/thread-service.ts'
import { paginationHeaders, queryNames, ThreadParams, type TypedApp } from '../typed-app.ts'

/** `include=ttl`, repeated or separated by commas. */
const includes = (query: string | string[] | undefined, part: string) => (listOf(query) ?? []).some((one) => one.split(',').includes(part))

const StateQuery = Type.Object({ subgraphs: QueryFlag, select: QueryList })
const isStateField = (name: string) => (STATE_FIELDS as readonly string[]).includes(name) || /^values\../s.test(name)
const stateFields = (select: string | string[] | undefined) => queryNames('select', select, isStateField, `${STATE_FIELDS.join(', ')} or values.<key>`)

/** The changed thread, or 204 for a client that does not want it. */
const sendChanged = (request: FastifyRequest, reply: FastifyReply, thread: Thread) =>
  prefersMinimal(request.headers['prefer']) ? reply.header('preference-applied', 'return=minimal').code(204).send() : reply.send(thread)

export function threadRoutes(app: TypedApp, { threads, states }: { threads: ThreadService, states: StateService }): void {
  const byId = { params: ThreadParams }

  app.post('/threads', { schema: { body: Maybe(ThreadCreate) } }, ({ body }) => threads.create(body ?? {}))
  app.post('/threads/search', { schema: { body: ThreadSearch } }, async ({ body }, reply) => {
    const { items, total } = await threads.search(body)
    return reply.headers(paginationHeaders(total, body, items.length)).send(items)
  })
  app.post('/threads/count', { schema: { body: ThreadFilter } }, async ({ body }, reply) => reply.type('application/json').send(String(await threads.count(body))))
  app.post('/threads/prune', { schema: { body: ThreadPrune } }, ({ body }) => threads.prune(body))
  app.get('/threads/:thread_id', { schema: { ...byId, querystring: Type.Object({ include: QueryList }) } }, async ({ params, query }) => threads.get(params.thread_id, includes(query.include, 'ttl')))
  app.patch('/threads/:thread_id', { schema: { ...byId, body: ThreadPatch } }, async (request, reply) => sendChanged(request, reply, await threads.patch(request.params.thread_id, request.body)))
  app.delete('/threads/:thread_id', { schema: byId }, async ({ params }, reply) => {
    await threads.delete(params.thread_id)
    return reply.code(204).send()
  })
  app.post('/threads/:thread_id/copy', { schema: byId }, ({ params }) => threads.copy(params.thread_id))

  app.get('/threads/:thread_id/storage', { schema: byId }, ({ params }) => threads.storage(params.thread_id))

  app.get('/threads/:thread_id/state', { schema: { ...byId, querystring: StateQuery } }, async ({ params, query }) =>
    states.get(params.thread_id, {}, { subgraphs: isSet(query.subgraphs), select: stateFields(query.select) }))
  app.get('/threads/:thread_id/state/:checkpoint_id', {
    schema: { params: Type.Object({ ...ThreadParams.properties, checkpoint_id: CheckpointId }), querystring: StateQuery },
  }, async ({ params, query }) => states.get(params.thread_id, { checkpoint_id: params.checkpoint_id }, { subgraphs: isSet(query.subgraphs), select: stateFields(query.select) }))
  app.post('/threads/:thread_id/state/checkpoint', { schema: { ...byId, body: StateAt } }, async ({ params, body }) =>
    states.get(params.thread_id, body.checkpoint, { subgraphs: body.subgraphs ?? false, select: body.select ?? null }))
  app.post('/threads/:thread_id/state', { schema: { ...byId, body: StateUpdate } }, ({ params, body }) => states.update(params.thread_id, body))
  app.patch('/threads/:thread_id/state', { schema: { ...byId, body: StatePatch } }, async (request, reply) =>
    sendChanged(request, reply, await threads.patch(request.params.thread_id, { metadata: request.body.metadata ?? null })))

  app.get('/threads/:thread_id/history', {
    schema: { ...byId, querystring: Type.Object({ limit: Limit(10), before: Type.Optional(CheckpointId), select: QueryList }) },
  }, async ({ params, query }) => states.history(params.thread_id, { ...query, select: stateFields(query.select) }))
  app.post('/threads/:thread_id/history', { schema: { ...byId, body: Maybe(HistoryQuery) } }, async ({ params, body }) => states.history(params.thread_id, body ?? {}))
}
