import { Type } from 'typebox'
import { isSet, QueryFlag } from '../../contract/common.ts'
import { STUDIO_API_VERSION } from '../../contract/studio.ts'
import { MetricsQuery } from '../../contract/system.ts'
import type { MetricsService } from '../../services/metrics-service.ts'
import type { TypedApp } from '../typed-app.ts'

export interface SystemFacts { version: string, langgraphVersion: () => string | null, ping: () => void, metrics: MetricsService }

export function systemRoutes(app: TypedApp, { version, langgraphVersion, ping, metrics }: SystemFacts): void {
  app.get('/ok', { schema: { querystring: Type.Object({ check_db: QueryFlag }) } }, async ({ query }) => {
    if (isSet(query.check_db)) ping()
    return { ok: true }
  })
  app.get('/info', async () => ({
    version,
    langgraph_js_version: langgraphVersion(),
    // No graph of a server that says `js` runs on Python.
    langgraph_py_version: null,
    context: 'js',
    flags: { assistants: true, crons: true, langsmith: false, langsmith_tracing_replicas: false, strict_resume: true, stream_namespaces: true },
    metadata: {},
    studio: { api: '/studio/api', version: STUDIO_API_VERSION },
  }))
  app.get('/metrics', { schema: { querystring: MetricsQuery } }, async ({ query }, reply) => {
    if (query.format === 'json') return metrics.figures()
    const { text, type } = await metrics.prometheus()
    return reply.type(type).send(text)
  })
  app.get('/', (request, reply) => request.headers.accept?.includes('text/html')
    ? reply.redirect('/studio/')
    : reply.send({ name: 'superstep', version, studio: '/studio/', docs: '/docs', openapi: '/openapi.json' }))
}
