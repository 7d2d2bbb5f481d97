import { once } from 'node:events'
import type { FastifyReply } from 'fastify'
import type { LoggedEvent } from '../contract/run.ts'

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

const oneLine = (text: string) => text.replace(/[\r\n\0]/g, ' ')

function frame({ seq, event, data }: LoggedEvent): Buffer {
  return Buffer.concat([Buffer.from(`id: ${seq}\nevent: ${oneLine(event)}\ndata: `), data, Buffer.from('\n\n')])
}

/** Writes events as they come; waits when the client reads slower than they come. */
export async function sendEvents(reply: FastifyReply, events: AsyncIterable<LoggedEvent>, headers: Record<string, string>, signal: AbortSignal): Promise<void> {
  openReply(reply, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no', ...headers })
  const beat = setInterval(() => reply.raw.write(': heartbeat\n\n'), HEARTBEAT_MS)
  try {
    for await (const event of events) {
      if (signal.aborted) break
      // A client that goes away ends the wait: the loop then sees the signal.
      if (!reply.raw.write(frame(event))) await once(reply.raw, 'drain', { signal }).catch(() => {})
    }
  } finally {
    clearInterval(beat)
    reply.raw.end()
  }
}

/** A JSON answer that may take long: headers now, white space while waiting, the body at the end (§2.9). */
export async function sendWhenReady(reply: FastifyReply, body: Promise<unknown>, headers: Record<string, string>): Promise<void> {
  openReply(reply, { 'content-type': 'application/json; charset=utf-8', ...headers })
  const beat = setInterval(() => reply.raw.write('\n'), HEARTBEAT_MS)
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
