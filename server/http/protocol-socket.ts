import websocket from '@fastify/websocket'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Compile } from 'typebox/compile'
import type { WebSocket } from 'ws'
import { ProtocolCommand, Subscription, Unsubscribe, type ProtocolAnswer } from '../contract/protocol.ts'
import { PlatformError } from '../errors.ts'
import { STUDIO_USER } from '../services/access.ts'
import { checked, ProtocolRefusal, refusalOf, type ProtocolCommands } from '../services/protocol-commands.ts'
import type { ProtocolService } from '../services/protocol-service.ts'
import type { CommandGate } from './authorize.ts'
import { originOf, ThreadParams } from './typed-app.ts'

/** Parses a request's body, and refuses what nobody may send. */
export type JsonParser = (request: FastifyRequest, body: string, done: (error: Error | null, value?: unknown) => void) => void

export interface SocketParts {
  readonly protocol: ProtocolService
  readonly commands: ProtocolCommands
  readonly parseJson: JsonParser
  /** Where the project has auth code. */
  readonly gate?: CommandGate | null
}

/** So many commands may wait before the socket is not read on. */
const MOST_WAITING = 32
const MOST_SUBSCRIPTIONS = 256
const PING_MS = 15_000

/** Close codes are 4000 and the HTTP status (§2.8). */
const CLOSE = { notFound: 4404, invalid: 4422, failed: 4500 } as const

const isCommand = Compile(ProtocolCommand)
const isThread = Compile(ThreadParams)

/** How long a client may take to close its side when the server stops. */
const CLOSING_MS = 500

/** Upgrades go through the same hooks as any request: what the guard refuses never becomes a socket. */
export async function acceptSockets(app: FastifyInstance, maxPayload: number): Promise<void> {
  await app.register(websocket, {
    options: { maxPayload },
    errorHandler: (error, socket, request) => {
      request.log.warn({ err: error }, 'A socket failed')
      socket.terminate()
    },
    preClose(this: FastifyInstance, done) {
      for (const socket of this.websocketServer.clients) {
        socket.close(1001)
        setTimeout(() => socket.terminate(), CLOSING_MS).unref()
      }
      this.websocketServer.close(() => done())
    },
  })
}

/**
 * Streaming protocol v2 on one connection: commands are answered in order, subscriptions come and go by commands. Of each
 * subscription one part is under way at a time; the next is read from the log when the client has taken it.
 */
export function serveSocket(socket: WebSocket, request: FastifyRequest, { protocol, commands, parseJson, gate = null }: SocketParts): void {
  const { thread_id: threadId } = request.params as { thread_id: string }
  if (!isThread.Check(request.params)) return socket.close(CLOSE.invalid, 'The thread\'s id is not a UUID.')
  const { user } = request
  /** Asks the project's code, where there is some and it is to be asked. */
  const ask = gate && user && user !== STUDIO_USER ? (command: ProtocolCommand) => gate(user, threadId, command) : null
  const subscriptions = new Map<string, AbortController>()
  let made = 0
  let waiting = 0
  let turn = Promise.resolve()

  const parse = (text: string) => new Promise<unknown>((resolve, reject) => parseJson(request, text, (error, value) => error ? reject(error) : resolve(value)))

  /** Resolves when the system has taken it, or the client has gone. */
  const send = (text: string) => new Promise<void>((resolve) => { socket.send(text, () => resolve()) })

  async function pump(id: string, subscription: Subscription, signal: AbortSignal): Promise<void> {
    try {
      // Somebody may follow the thread that was asked for; one that comes later could be another user's.
      for await (const part of protocol.subscribe(threadId, subscription, { signal, waitForThread: !ask })) {
        if (signal.aborted) return
        await Promise.all(part.map(({ json }) => send(json)))
      }
      if (!signal.aborted) socket.close(CLOSE.notFound, 'The thread was deleted.')
    } catch (error) {
      if (error instanceof PlatformError && error.code === 'thread_not_found') return socket.close(CLOSE.notFound, 'The thread was deleted.')
      request.log.warn({ err: error }, 'A subscription was cut')
      socket.close(CLOSE.failed, 'The events can\'t be read on: connect again.')
    } finally {
      subscriptions.delete(id)
    }
  }

  function subscribe(params: unknown): { result: Record<string, unknown>, after: () => void } {
    const subscription = checked(Subscription, params)
    if (subscriptions.size >= MOST_SUBSCRIPTIONS) throw new ProtocolRefusal('invalid_argument', `A connection has at most ${MOST_SUBSCRIPTIONS} subscriptions.`)
    const id = `sub-${++made}`
    const gone = new AbortController()
    subscriptions.set(id, gone)
    return {
      result: { subscription_id: id },
      after: () => void pump(id, subscription, gone.signal),
    }
  }

  function unsubscribe(params: unknown): Record<string, unknown> {
    const { subscription_id } = checked(Unsubscribe, params)
    const gone = subscriptions.get(subscription_id)
    if (!gone) throw new ProtocolRefusal('no_such_subscription', `There is no subscription ${subscription_id}.`)
    gone.abort()
    subscriptions.delete(subscription_id)
    return {}
  }

  async function answer(text: string): Promise<void> {
    let id: number | null = null
    let after = () => {}
    const execute = async (): Promise<ProtocolAnswer> => {
      const command = await parse(text)
      if (!isCommand.Check(command)) throw new ProtocolRefusal('invalid_argument', `A command is {id, method, params}: ${isCommand.Errors(command).map(({ instancePath, message }) => `${instancePath} ${message}`.trim())[0] ?? ''}`)
      id = command.id
      if (command.method === 'subscription.unsubscribe') return { type: 'success', id, result: unsubscribe(command.params ?? {}) }
      const { command: allowed, owned } = await (ask?.(command) ?? { command, owned: null })
      if (allowed.method !== 'subscription.subscribe') return commands.execute(threadId, allowed, { ...originOf(request), owned })
      const subscribed = subscribe(allowed.params ?? {})
      after = subscribed.after
      return { type: 'success', id, result: subscribed.result }
    }
    const told = await execute().catch((error: unknown) => refused(error, id))
    await send(JSON.stringify(told))
    after()
  }

  function refused(error: unknown, id: number | null): ProtocolAnswer {
    try {
      return refusalOf(error, id)
    } catch {
      request.log.error({ err: error }, 'Unexpected error')
      return { type: 'error', id, error: 'unknown_error', message: 'Internal error.' }
    }
  }

  const ping = setInterval(() => socket.bufferedAmount === 0 && socket.ping(), PING_MS)

  socket.on('message', (data, isBinary) => {
    if (++waiting >= MOST_WAITING) socket.pause()
    // Fragments come as one buffer unless the socket is asked for more.
    const text = isBinary ? '' : (data as Buffer).toString('utf8')
    turn = turn.then(() => answer(text)).finally(() => {
      if (--waiting < MOST_WAITING && socket.isPaused) socket.resume()
    })
  })
  socket.on('close', () => {
    clearInterval(ping)
    for (const gone of subscriptions.values()) gone.abort()
  })
}
