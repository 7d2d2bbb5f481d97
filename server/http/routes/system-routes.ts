import { Type } from 'typebox'
import { isSet, QueryFlag } from '../../contract/common.ts'
import { STUDIO_API_VERSION } from '../../contract/studio.ts'
import type { TypedApp } from '../typed-app.ts'

export interface SystemFacts { version: string, langgraphVersion: () => string | null, ping: () => void }

export function systemRoutes(app: TypedApp, { version, langgraphVersion, ping }: SystemFacts): void {
  app.get('/ok', { schema: { querystring: Type.Object({ check_db: QueryFlag }) } }, async ({ query }) => {
    if (isSet(query.check_db)) ping()
    return { ok: true }
  })
  app.get('/info', async () => ({
    version,
    langgraph_js_version: langgraphVersion(),
    context: 'js',
    flags: { assistants: true, crons: true, langsmith: false, langsmith_tracing_replicas: false },
    metadata: {},
    studio: { api: '/studio/api', version: STUDIO_API_VERSION },
  }))
  app.get('/', (request, reply) => request.headers.accept?.includes('text/html')
    ? reply.redirect('/studio/')
    : reply.send({ name: 'superstep', version, studio: '/studio/', docs: 'https://docs.langchain.com/langsmith/agent-server' }))
}
