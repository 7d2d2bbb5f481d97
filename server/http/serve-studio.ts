import { existsSync } from 'node:fs'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'

/**
 * Everything the Studio needs comes from this server: scripts, styles, fonts and workers. It may connect elsewhere, since a
 * person may point it at a deployment.
 */
export const STUDIO_CSP = [
  `default-src 'self'`, `script-src 'self'`, `style-src 'self' 'unsafe-inline'`, `img-src 'self' data: blob:`, `font-src 'self' data:`,
  `worker-src 'self' blob:`, `connect-src 'self' http: https: ws: wss:`, `object-src 'none'`, `base-uri 'none'`, `form-action 'none'`, `frame-ancestors 'none'`,
].join('; ')

/** The built Studio at `/studio/`; `folder` is where its index.html is. */
export async function serveStudio(app: FastifyInstance, folder: string): Promise<void> {
  if (!existsSync(folder)) {
    app.get('/studio/', (_request, reply) => reply.code(404).send({ detail: `The Studio is not built: ${folder} is missing. Run "npm run build".`, code: 'not_found' }))
    return
  }
  await app.register(fastifyStatic, {
    root: folder, prefix: '/studio/', redirect: false, index: ['index.html'], cacheControl: false,
    setHeaders: (reply, path) => {
      reply.header('content-security-policy', STUDIO_CSP)
      reply.header('referrer-policy', 'no-referrer')
      // Built files carry a hash of their content in the name; the page itself does not.
      reply.header('cache-control', path.endsWith('.html') ? 'no-cache' : 'public, max-age=31536000, immutable')
    },
  })
  app.get('/studio', (_request, reply) => reply.redirect('/studio/'))
}
