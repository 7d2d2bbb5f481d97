import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Received { readonly path: string, readonly headers: IncomingHttpHeaders, readonly body: Record<string, unknown> }

export interface Receiver {
  readonly url: string
  readonly port: number
  readonly received: Received[]
  /** What it does next; 200 unless said. */
  answer: (response: ServerResponse) => void
  stop(): Promise<void>
}

/** Something that webhooks are sent to, on a loopback port. */
export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      received.push({ path: request.url!, headers: request.headers, body: JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown> })
      receiver.answer(response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const receiver: Receiver = {
    url: `http://127.0.0.1:${port}/hook`, port, received,
    answer: (response) => response.end('ok'),
    stop: () => new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    }),
  }
  return receiver
}
