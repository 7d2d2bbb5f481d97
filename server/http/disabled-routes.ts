import type { FastifyInstance } from 'fastify'
import { PlatformError } from '../errors.ts'

/** Parts of the API that `http.disable_*` of langgraph.json takes away (§3.14), and what their routes begin with. */
const PATHS = {
  assistants: ['/assistants'], threads: ['/threads'], runs: ['/runs', '/threads/:thread_id/runs', '/threads/:thread_id/stream', '/threads/:thread_id/commands'], store: ['/store'],
  meta: ['/ok', '/info', '/metrics', '/docs', '/openapi.json'],
  ui: ['/ui'], mcp: ['/mcp'], a2a: ['/a2a', '/.well-known/agent-card.json'],
} as const
export type ApiPart = keyof typeof PATHS
export const API_PARTS = Object.keys(PATHS) as readonly ApiPart[]

/** Routes of these parts are not found. Runs of a thread are runs, and so is what follows or starts them. */
export function disableRoutes(app: FastifyInstance, parts: readonly ApiPart[]): void {
  if (parts.length === 0) return
  app.addHook('onRequest', async (request) => {
    const part = partOf(request.routeOptions.url ?? '')
    if (part && parts.includes(part)) throw new PlatformError('not_found', `There is no ${request.method} ${request.url.split('?')[0]}: http.disable_${part} in langgraph.json takes it away.`)
  })
}

/** The longest beginning decides. Judged by the route that was found, not by how its address is spelt. */
function partOf(route: string): ApiPart | null {
  const found = API_PARTS.flatMap((part) => PATHS[part].filter((path) => route === path || route.startsWith(`${path}/`)).map((path) => ({ part, path })))
  return found.sort((a, b) => b.path.length - a.path.length)[0]?.part ?? null
}
