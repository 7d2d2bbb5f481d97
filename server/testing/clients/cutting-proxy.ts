import { once } from 'node:events'
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface CuttingProxy {
  readonly url: string
  /** How many answers were cut. */
  readonly cuts: () => number
  stop(): void
}

/** Events that get through before the cut. */
const EVENTS = 3

/** A loopback proxy that cuts the connection of each stream that a POST has opened, after some events; all else goes through. */
export async function startCuttingProxy(target: string): Promise<CuttingProxy> {
  let cuts = 0
  const server: Server = createServer((incoming, outgoing) => {
    const { hostname, port } = new URL(target)
    const onward = request({ hostname, port, path: incoming.url, method: incoming.method, headers: { ...incoming.headers, host: `${hostname}:${port}` } }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      outgoing.flushHeaders()
      const isCut = incoming.method === 'POST' && answer.headers['content-type']?.startsWith('text/event-stream')
      let seen = 0
      answer.on('data', (chunk: Buffer) => {
        seen += chunk.toString().split('\n\n').length - 1
        if (!isCut || seen < EVENTS) return void outgoing.write(chunk)
        if (outgoing.destroyed) return
        cuts++
        // What was read of the last part has arrived; the next never does.
        outgoing.write(chunk, () => outgoing.destroy())
        onward.destroy()
      })
      answer.on('end', () => outgoing.end())
      answer.on('error', () => outgoing.destroy())
    })
    onward.on('error', () => outgoing.destroy())
    outgoing.on('close', () => onward.destroy())
    incoming.pipe(onward)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cuts: () => cuts,
    stop: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
