import { ProtocolCommand, Subscription } from '../../contract/protocol.ts'
import { PlatformError } from '../../errors.ts'
import type { ProtocolFrame } from '../../services/protocol-service.ts'
import { lastEventId, lastEventIdText } from '../last-event-id.ts'
import { serveSocket, type SocketParts } from '../protocol-socket.ts'
import { goneSignal, sendEvents } from '../sse.ts'
import { originOf, ThreadParams, type TypedApp } from '../typed-app.ts'

const params = ThreadParams

/** Streaming protocol v2 (§2.8): over HTTP each connection is one subscription, over a WebSocket there are many. */
export function protocolRoutes(app: TypedApp, parts: SocketParts): void {
  const { protocol, commands } = parts

  // A refused command is an answer with status 200: with another one clients see the status and not the code.
  app.post('/threads/:thread_id/commands', { schema: { params, body: ProtocolCommand } }, (request) => commands.execute(request.params.thread_id, request.body, originOf(request)))

  app.route({
    method: 'GET', url: '/threads/:thread_id/stream/events',
    handler: async () => { throw new PlatformError('not_found', 'This address is a WebSocket, or takes subscriptions by POST.') },
    wsHandler: (socket, request) => serveSocket(socket, request, parts),
  })

  app.post('/threads/:thread_id/stream/events', { schema: { params, body: Subscription } }, async (request, reply) => {
    const { thread_id } = request.params
    const gone = goneSignal(reply)
    const [id, shared] = lastEventIdText(request).split('.') as [string, string?]
    const after = lastEventId(id)
    // Of several events with one number some may be missing: clients know the others by their ids.
    const since = after === 'live' ? request.body.since ?? null : shared === undefined ? after : after - 1
    const frames = protocol.subscribe(thread_id, { ...request.body, since }, { signal: gone, waitForThread: false })
    await sendEvents(reply, asServerSentEvents(frames), { 'content-location': `/threads/${thread_id}` }, gone)
  })
}

async function* asServerSentEvents(parts: AsyncIterable<readonly ProtocolFrame[]>): AsyncGenerator<Uint8Array> {
  for await (const frames of parts) yield Buffer.from(frames.map(({ event_id, method, json }) => `id: ${event_id}\nevent: ${method}\ndata: ${json}\n\n`).join(''))
}
