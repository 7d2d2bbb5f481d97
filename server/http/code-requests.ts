import { createServer, type IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { CALLER, readCaller, type Caller } from '../contract/callers.ts'

/** Bytes: those who ask may have a user that is told in a header. */
const MOST_HEADER_BYTES = 1024 * 1024

const requests = new WeakMap<IncomingMessage, Caller | null>()

/** Whether the project's own code asks, on the private socket. Whoever reaches that may do anything on this machine already. */
export const isFromCode = ({ raw }: FastifyRequest): boolean => requests.has(raw)

/** For whom the project's own code asks; null for nobody, and for requests from elsewhere. */
export const callerOf = ({ raw }: FastifyRequest): Caller | null => requests.get(raw) ?? null

/** Takes requests of the project's own code at a socket. Resolves when it listens; closes with the app. */
export async function listenForCode(app: FastifyInstance, path: string): Promise<void> {
  const server = createServer({ maxHeaderSize: MOST_HEADER_BYTES }, (request, response) => {
    const { [CALLER]: caller } = request.headers
    requests.set(request, readCaller(Array.isArray(caller) ? caller[0] : caller))
    app.routing(request, response)
  })
  app.addHook('onClose', async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  await app.ready()
  await new Promise<void>((resolve, reject) => server.on('error', reject).listen(path, resolve))
}
