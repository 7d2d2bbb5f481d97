import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { AssistantRef } from '../../contract/common.ts'
import { UiQuery } from '../../contract/ui.ts'
import type { UiComponent, UiService } from '../../services/ui-service.ts'
import { UI_FILE } from '../open-routes.ts'
import { AssistantParams, type TypedApp } from '../typed-app.ts'

const FileParams = Type.Object({ agent: AssistantRef, file: Type.String() })

/** Components that graphs show (wire reference §1.9). */
export function uiRoutes(app: TypedApp, { ui }: { ui: UiService }): void {
  app.post('/ui/:assistant_id', { schema: { params: AssistantParams, body: UiQuery } }, async (request, reply) => {
    const component = await ui.component(request.params.assistant_id)
    return reply.type('text/html; charset=utf-8').send(tagsOf(component, request.body.name, `${baseOf(request)}/ui/${encodeURIComponent(component.key)}`))
  })

  // The address stays the same when the sources change: browsers ask each time, and are told that it is what they have.
  app.get(UI_FILE, { schema: { params: FileParams } }, async ({ params, headers }, reply) => {
    const { type, text, hash } = await ui.file(params.agent, params.file)
    const tag = `"${hash}"`
    reply.headers({ 'cache-control': 'no-cache', 'etag': tag })
    if (headers['if-none-match']?.split(/, ?/).some((known) => known === tag || known === `W/${tag}`)) return reply.code(304).send()
    return reply.type(type).send(text)
  })
}

/** The client puts the id of its shadow root in place of the first `{{shadowRootId}}`. */
function tagsOf({ global, hasStyles }: UiComponent, name: string, at: string): string {
  const script = `<script src="${at}/entrypoint.js" onload='${global}.render(${quoted(name)}, "{{shadowRootId}}")'></script>`
  return hasStyles ? `<link rel="stylesheet" href="${at}/entrypoint.css" />\n${script}` : script
}

/** A text of JavaScript's in an attribute between single quotes, without anything that would end either or stand for the root's id. */
const quoted = (text: string) => JSON.stringify(text).replaceAll(/[<>&'{}\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** As whoever asks reaches this server, through a proxy and below the mount prefix. The host was let in by `guard`; parsing drops what else came with it. */
function baseOf({ headers, host, protocol, originalUrl, url }: FastifyRequest): string {
  const forwarded = String(headers['x-forwarded-proto'] ?? '').split(',')[0]!.trim().toLowerCase()
  const scheme = /^https?$/.test(forwarded) ? forwarded : protocol
  return `${scheme}://${new URL(`${scheme}://${host}`).host}${originalUrl.slice(0, originalUrl.length - url.length)}`
}
