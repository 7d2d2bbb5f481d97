import type { FastifyRequest } from 'fastify'

/** Files of components: pages load them by tags, which can't send a token. */
export const UI_FILE = '/ui/:agent/:file'

/** Liveness, the files of the Studio and of components, and the page to read and try the API. */
const OPEN = new Set(['/ok', '/', '/openapi.json', '/docs', '/studio', '/studio/', '/studio/*', UI_FILE])

/** Whether nobody needs to be known for a request. Judged by the route that was found, not by how its address is spelt: `%61pi` is `api`. */
export function isOpen({ method, routeOptions: { url = '' } }: FastifyRequest): boolean {
  return method === 'OPTIONS' || OPEN.has(url) || url.startsWith('/docs/')
}
