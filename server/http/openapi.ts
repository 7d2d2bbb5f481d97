import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifySchema } from 'fastify'
import { ANSWERS } from '../contract/answers.ts'
import { UI_FILE } from './open-routes.ts'
import type { TypedApp } from './typed-app.ts'

/** How clients say who they are to the project's auth code (`auth.openapi` of langgraph.json), in OpenAPI's terms. */
export interface SecurityDocs { readonly securitySchemes: Readonly<Record<string, { readonly type: string }>>, readonly security: Record<string, string[]>[] }

/** Nothing from elsewhere, and no scripts but files of this server; the explorer sets styles on its elements. */
export const DOCS_CSP = [
  `default-src 'none'`, `script-src 'self'`, `style-src 'self' 'unsafe-inline'`, `img-src 'self' data:`, `font-src 'self'`, `connect-src 'self'`,
  `object-src 'none'`, `base-uri 'none'`, `form-action 'none'`, `frame-ancestors 'none'`,
].join('; ')

const TAGS: Readonly<Record<string, string>> = {
  assistants: 'Graphs with settings, in versions.', threads: 'Conversations: their state, history and files.', runs: 'Executions, on a thread or on one of their own.',
  store: 'Long-term memory.', ui: 'Components that graphs show.', system: 'The server itself.', studio: 'What only the Studio needs.',
}

/** `/threads/:thread_id/runs` belongs to runs, `/studio/api/project` to the Studio. */
function tagOf(path: string): string {
  const [first = ''] = path.slice(1).split('/')
  if (first === 'threads' && path.split('/')[3] === 'runs') return 'runs'
  return first in TAGS ? first : 'system'
}

/** What is a file of a page, and no call. */
const isPage = (path: string) => path === '/' || path === UI_FILE || path.startsWith('/docs') || /^\/studio(?!\/api)/.test(path)

/**
 * Describes every route that is added after it, from the schemas that the route is checked by (`/openapi.json`). Answers are described in
 * `contract/answers.ts`, and not checked: what the services give is sent as it is.
 */
export async function describeRoutes(app: TypedApp, version: string, docs: SecurityDocs | null): Promise<void> {
  const token = { type: 'apiKey', in: 'header', name: 'x-api-key', description: 'Only where the server was started with SUPERSTEP_TOKEN.' } as const
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Superstep', version, description: 'The Agent Server API, served by Superstep.', license: { name: 'MIT', identifier: 'MIT' } },
      servers: [{ url: '/' }],
      tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
      components: { securitySchemes: { token, ...docs?.securitySchemes } },
      security: docs?.security.length ? docs.security : [{}, { token: [] }],
    },
    transform: ({ schema, url, route }) => ({ url, schema: describe(schema, url, [route.method].flat()[0]!) }),
  })
  app.get('/openapi.json', { schema: { summary: 'This document.' } as FastifySchema }, async () => app.swagger())
}

function describe(schema: FastifySchema | undefined, path: string, method: string): FastifySchema {
  const answer = ANSWERS[`${method} ${path}`]
  const tags = [tagOf(path)]
  return {
    ...schema, tags, hide: isPage(path),
    ...(answer ? { summary: answer.summary, response: answer.response } : {}),
  } as FastifySchema
}

/** The explorer at `/docs`: its page, scripts and styles come from this server. */
export async function serveDocs(app: TypedApp): Promise<void> {
  await app.register(swaggerUi, {
    routePrefix: '/docs', staticCSP: DOCS_CSP,
    // Null: or it would show the document to a validator elsewhere.
    uiConfig: { validatorUrl: null, docExpansion: 'none', deepLinking: true, persistAuthorization: false, layout: 'BaseLayout' },
    theme: { title: 'Superstep API' },
  })
}
