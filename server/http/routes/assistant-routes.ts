import { Type } from 'typebox'
import { AssistantCreate, AssistantFilter, AssistantPatch, AssistantSearch, AssistantVersions } from '../../contract/assistant.ts'
import { isSet, Maybe, QueryFlag } from '../../contract/common.ts'
import { PlatformError } from '../../errors.ts'
import type { AssistantService } from '../../services/assistant-service.ts'
import type { GraphService } from '../../services/graph-service.ts'
import { AssistantParams, paginationHeaders, type TypedApp } from '../typed-app.ts'

const Xray = Type.Object({ xray: Type.Optional(Type.String({ maxLength: 10 })) })
const Recurse = Type.Object({ recurse: QueryFlag })

/** `true`, `false`, or how many levels deep. */
function xrayOf(text: string | undefined): boolean | number {
  if (text === undefined || text === '') return false
  if (/^\d+$/.test(text) && text !== '0' && text !== '1') return Number(text)
  if (!/^(true|false|yes|no|0|1)$/i.test(text)) throw new PlatformError('invalid_request', 'querystring/xray must be true, false or a depth.')
  return isSet(text)
}

export function assistantRoutes(app: TypedApp, { assistants, graphs }: { assistants: AssistantService, graphs: GraphService }): void {
  const byId = { params: AssistantParams }

  app.post('/assistants', { schema: { body: AssistantCreate } }, ({ body }) => assistants.create(body))
  app.post('/assistants/search', { schema: { body: AssistantSearch } }, ({ body }, reply) => {
    const { items, total } = assistants.search(body)
    return reply.headers(paginationHeaders(total, body, items.length)).send(items)
  })
  app.post('/assistants/count', { schema: { body: AssistantFilter } }, ({ body }, reply) => reply.type('application/json').send(String(assistants.count(body))))
  app.get('/assistants/:assistant_id', { schema: byId }, async ({ params }) => assistants.get(params.assistant_id))
  app.patch('/assistants/:assistant_id', { schema: { ...byId, body: AssistantPatch } }, ({ params, body }) => assistants.patch(params.assistant_id, body))
  app.delete('/assistants/:assistant_id', { schema: { ...byId, querystring: Type.Object({ delete_threads: QueryFlag }) } }, async ({ params, query }, reply) => {
    await assistants.delete(params.assistant_id, isSet(query.delete_threads))
    return reply.code(204).send()
  })
  app.get('/assistants/:assistant_id/graph', { schema: { ...byId, querystring: Xray } }, ({ params, query }) => graphs.draw(params.assistant_id, xrayOf(query.xray)))
  app.get('/assistants/:assistant_id/schemas', { schema: byId }, ({ params }) => graphs.schemas(params.assistant_id))
  app.get('/assistants/:assistant_id/subgraphs', { schema: { ...byId, querystring: Recurse } }, ({ params, query }) =>
    graphs.subgraphs(params.assistant_id, { namespace: null, recurse: isSet(query.recurse) }))
  app.get('/assistants/:assistant_id/subgraphs/:namespace', {
    schema: { params: Type.Object({ ...AssistantParams.properties, namespace: Type.String() }), querystring: Recurse },
  }, ({ params, query }) => graphs.subgraphs(params.assistant_id, { namespace: params.namespace, recurse: isSet(query.recurse) }))
  app.post('/assistants/:assistant_id/versions', { schema: { ...byId, body: AssistantVersions } }, ({ params, body }, reply) => {
    const { items, total } = assistants.versions(params.assistant_id, body)
    return reply.headers(paginationHeaders(total, body, items.length)).send(items)
  })
  app.post('/assistants/:assistant_id/latest', {
    schema: { ...byId, body: Maybe(Type.Object({ version: Type.Optional(Type.Integer({ minimum: 1 })) })), querystring: Type.Object({ version: Type.Optional(Type.Integer({ minimum: 1 })) }) },
  }, ({ params, body, query }) => {
    const version = body?.version ?? query.version
    if (version === undefined) throw new PlatformError('invalid_request', 'body/version is required.')
    return assistants.setLatest(params.assistant_id, version)
  })
}
