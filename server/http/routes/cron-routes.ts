import { Type } from 'typebox'
import { Uuid } from '../../contract/common.ts'
import { CronCreate, CronFilter, CronPatch, CronSearch } from '../../contract/cron.ts'
import type { CronService } from '../../services/cron-service.ts'
import { originOf, paginationHeaders, ThreadParams, type TypedApp } from '../typed-app.ts'

export function cronRoutes(app: TypedApp, { crons }: { crons: CronService }): void {
  const byId = { params: Type.Object({ cron_id: Uuid }) }

  app.post('/runs/crons', { schema: { body: CronCreate } }, (request) => crons.create(null, request.body, originOf(request)))
  app.post('/threads/:thread_id/runs/crons', { schema: { params: ThreadParams, body: CronCreate } }, (request) => crons.create(request.params.thread_id, request.body, originOf(request)))
  app.post('/runs/crons/search', { schema: { body: CronSearch } }, ({ body }, reply) => {
    const { items, total } = crons.search(body)
    return reply.headers(paginationHeaders(total, body, items.length)).send(items)
  })
  app.post('/runs/crons/count', { schema: { body: CronFilter } }, ({ body }, reply) => reply.type('application/json').send(String(crons.count(body))))
  app.get('/runs/crons/:cron_id', { schema: byId }, async ({ params }) => crons.get(params.cron_id))
  app.patch('/runs/crons/:cron_id', { schema: { ...byId, body: CronPatch } }, ({ params, body }) => crons.patch(params.cron_id, body))
  app.delete('/runs/crons/:cron_id', { schema: byId }, async ({ params }, reply) => {
    await crons.delete(params.cron_id)
    return reply.code(204).send()
  })
}
