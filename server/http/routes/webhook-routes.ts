import { Type } from 'typebox'
import { Uuid } from '../../contract/common.ts'
import { WebhookQuery } from '../../contract/webhook.ts'
import type { WebhookService } from '../../services/webhook-service.ts'
import type { TypedApp } from '../typed-app.ts'

const params = Type.Object({ delivery_id: Uuid })

/** What became of webhooks. They are asked for as runs are created. */
export function webhookRoutes(app: TypedApp, { webhooks }: { webhooks: WebhookService }): void {
  app.get('/studio/api/webhooks', { schema: { querystring: WebhookQuery } }, async ({ query }) => webhooks.list(query))
  app.get('/studio/api/webhooks/:delivery_id', { schema: { params } }, async (request) => webhooks.get(request.params.delivery_id))
  app.post('/studio/api/webhooks/:delivery_id/resend', { schema: { params } }, (request) => webhooks.resend(request.params.delivery_id))
}
