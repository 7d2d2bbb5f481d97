// The clients of one life of a server, each doing its operations one after the other until they are done or the server dies.
import { setTimeout as sleep } from 'node:timers/promises'
import { CutOffError, follow, request, TimeoutError } from './http.mjs'
import { makeThreads, OPERATIONS } from './operations.mjs'

/** An answer that tells nothing: the operation may have been done or not. */
class Unanswered extends Error {}

/**
 * Resolves when all clients are through. `moments.count(what)` is told of answers, events and sent requests, so that faults can come
 * at a moment of the work rather than of the clock.
 */
export async function runClients(server, { plans, shared, ledger, moments, journal, log }) {
  await Promise.all(plans.map((plan) => runClient(plan)))

  async function runClient({ own, operations }) {
    const context = contextOf(server, { ledger, moments, journal })
    if (await attempt('makeThreads', () => makeThreads(context, { shared, own })) === 'ended') return
    for (const op of operations) {
      if (op.pauseMs) await sleep(op.pauseMs)
      if (await attempt(op.kind, () => OPERATIONS[op.kind](context, op)) === 'ended') return
    }
  }

  async function attempt(kind, work) {
    try {
      await work()
    } catch (error) {
      const isOfNetwork = error instanceof Unanswered || error instanceof TimeoutError || error instanceof CutOffError || error.code !== undefined
      if (!isOfNetwork) throw error
      if (!(error instanceof Unanswered) && !server.isHurt) ledger.violate(`A connection was lost with nothing wrong: ${error.message}`)
      log(`${kind}: ${error.message}`)
    }
    return server.isHurt ? 'ended' : 'goes on'
  }
}

function contextOf(server, { ledger, moments, journal }) {
  const onSent = () => moments.count('sent')
  const checked = (answer, what) => {
    moments.count('answers')
    if (answer.status < 500) return answer
    // No worker to ask is an honest answer while workers are killed; anything else is the platform failing.
    if (answer.status !== 503 && !ledger.mayFail) ledger.violate(`${what} was answered with ${answer.status}`, { body: answer.body })
    throw new Unanswered(`${what}: ${answer.status}`)
  }
  return {
    ledger,
    count: moments.count,
    journalSize: journal.size,
    call: async (method, path, body) => checked(await request(server.url, method, path, body, { onSent }), `${method} ${path}`),
    stream: async (method, path, body, reader) => checked(await follow(server.url, method, path, body, { ...reader, onSent }), `${method} ${path}`),
  }
}
