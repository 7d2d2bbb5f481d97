import { once } from 'node:events'
import type { FastifyReply } from 'fastify'

/** Clients reckon with a steady beat and reconnect when it stops (§2.5). */
const HEARTBEAT_MS = 5000

/** Aborts when the client goes away before the answer is complete. */
export function goneSignal(reply: FastifyReply): AbortSignal {
  const controller = new AbortController()
  reply.raw.once('close', () => controller.abort())
  if (reply.raw.destroyed) controller.abort()
  return controller.signal
}

/** Takes the reply over and sends its headers at once: clients learn the run's id from them. */
export function openReply(reply: FastifyReply, headers: Record<string, string>): void {
  reply.hijack()
  const kept = Object.fromEntries(Object.entries(reply.getHeaders()).filter(([, value]) => value !== undefined)) as Record<string, string>
  reply.raw.writeHead(200, { ...kept, ...headers })
  reply.raw.flushHeaders()
}

/** Keeps the connection alive until it is cleared; nothing piles up before a client that does not read. */
const startHeartbeat = ({ raw }: FastifyReply, beat: string) => setInterval(() => raw.writableNeedDrain || raw.write(beat), HEARTBEAT_MS)

/**
 * Writes events, each part some of them whole, as they come; waits when the client reads slower than they come. A source
 * that fails cuts the connection: the client sees that it has not got everything, and comes back with its last id.
 */
export async function sendEvents(reply: FastifyReply, events: AsyncIterable<Uint8Array>, headers: Record<string, string>, signal: AbortSignal): Promise<void> {
  openReply(reply, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no', ...headers })
  const beat = startHeartbeat(reply, ': heartbeat\n\n')
  try {
    for await (const bytes of events) {
      if (signal.aborted) break
      // A client that goes away ends the wait: the loop then sees the signal.
      if (!reply.raw.write(bytes)) await once(reply.raw, 'drain', { signal }).catch(() => {})
    }
    reply.raw.end()
  } catch (error) {
    reply.log.warn({ err: error }, 'A stream was cut')
    reply.raw.destroy()
  } finally {
    clearInterval(beat)
  }
}

/** A JSON answer that may take long: headers now, white space while waiting, the body at the end (§2.9). */
export async function sendWhenReady(reply: FastifyReply, body: Promise<unknown>, headers: Record<string, string>): Promise<void> {
  openReply(reply, { 'content-type': 'application/json; charset=utf-8', ...headers })
  const beat = startHeartbeat(reply, '\n')
  try {
    reply.raw.write(JSON.stringify(await body ?? null))
  } catch (error) {
    reply.log.error({ err: error }, 'A waiting answer failed')
    reply.raw.write(JSON.stringify({ __error__: { error: 'InternalError', message: 'Internal error.' } }))
  } finally {
    clearInterval(beat)
    reply.raw.end()
  }
}
