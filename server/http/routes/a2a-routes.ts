import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { RPC_CODES, RpcRequest, type RpcAnswer, type RpcCode } from '../../contract/a2a.ts'
import { AssistantRef } from '../../contract/common.ts'
import { PlatformError } from '../../errors.ts'
import type { A2aService, AgentAnswer } from '../../services/a2a-service.ts'
import type { Permissions } from '../../services/permissions.ts'
import { goneSignal, sendEvents, sendWhenReady } from '../sse.ts'
import { AssistantParams, originOf, type TypedApp } from '../typed-app.ts'

interface Parts { readonly a2a: A2aService, readonly auth?: { readonly permissions: Permissions } | null }

/** Agent to agent over JSON-RPC (wire reference §1.8): every assistant is an agent. */
export function a2aRoutes(app: TypedApp, { a2a, auth }: Parts): void {
  const addressOf = (request: FastifyRequest, assistantRef: string) => `${baseOf(request)}/a2a/${encodeURIComponent(assistantRef)}`

  app.get('/.well-known/agent-card.json', { schema: { querystring: Type.Object({ assistant_id: AssistantRef }) } }, async (request) =>
    a2a.card(request.query.assistant_id, addressOf(request, request.query.assistant_id)))
  app.get('/a2a/:assistant_id/.well-known/agent-card.json', { schema: { params: AssistantParams } }, async (request) =>
    a2a.card(request.params.assistant_id, addressOf(request, request.params.assistant_id)))

  app.post('/a2a/:assistant_id', { schema: { params: AssistantParams, body: RpcRequest }, errorHandler: answerNoRequest }, async (request, reply) => {
    const { assistant_id } = request.params
    const signal = goneSignal(reply)
    const caller = { ...originOf(request), may: request.user && auth ? auth.permissions : null, url: addressOf(request, assistant_id), signal }
    return send(reply, await a2a.call(assistant_id, request.body, caller), signal)
  })
}

async function send(reply: FastifyReply, answer: AgentAnswer, signal: AbortSignal) {
  if ('now' in answer) return reply.send(answer.now)
  if ('later' in answer) return sendWhenReady(reply, answer.later, {})
  return sendEvents(reply, framesOf(answer.events), {}, signal)
}

async function* framesOf(answers: AsyncIterable<RpcAnswer>): AsyncGenerator<Uint8Array> {
  for await (const answer of answers) yield Buffer.from(`data: ${JSON.stringify(answer)}\n\n`)
}

/** What is no request of JSON-RPC is refused in its terms; what else is wrong, in those of HTTP. */
function answerNoRequest(error: FastifyError | PlatformError, request: FastifyRequest, reply: FastifyReply): void {
  const isUnread = error instanceof PlatformError && error.code === 'invalid_request' && request.body === undefined
  const isOther = !('validationContext' in error && error.validationContext === 'body')
  if (!isUnread && isOther) throw error
  const refuse = (code: RpcCode, message: string) => void reply.code(400).send({ jsonrpc: '2.0', id: null, error: { code: RPC_CODES[code], message } } satisfies RpcAnswer)
  if (isUnread) refuse('not_json', error.message)
  else refuse('invalid_request', `${error.message}: send {"jsonrpc": "2.0", "id": …, "method": …, "params": {…}}.`)
}

/** As the client knows it: with the prefix that the API is mounted at, and the scheme of a proxy before it. */
function baseOf({ protocol, host, url, originalUrl, headers }: FastifyRequest): string {
  const prefix = originalUrl.endsWith(url) ? originalUrl.slice(0, -url.length) : ''
  return `${headers['x-forwarded-proto'] === 'https' ? 'https' : protocol}://${host}${prefix}`
}
