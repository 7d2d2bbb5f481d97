import { lookup as dnsLookup } from 'node:dns/promises'
import { request as requestPlain, type IncomingMessage } from 'node:http'
import { request as requestSecure } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { isOwnRoute, refuseAddress, refuseUrl, type WebhookRules } from '../domain/webhook-rules.ts'
import { CALLER, writeCaller } from '../contract/callers.ts'
import type { PostWebhook } from '../engine/webhook-queue.ts'

export interface Address { readonly address: string, readonly family: number }

export interface PostWebhookOptions {
  readonly rules: WebhookRules
  /** Sent with each, beside the platform's own. */
  readonly headers: Readonly<Record<string, string>>
  readonly userAgent: string
  /** The socket at which this server itself takes those for routes of the project's app. */
  readonly loopback?: string | null
  /** All addresses of a name. */
  readonly lookup?: (hostname: string) => Promise<readonly Address[]>
}

/** So much of an answer is read, for politeness: it says nothing beyond its status. */
const MOST_ANSWER_BYTES = 64 * 1024

class RefusedError extends Error {}

/**
 * Posts JSON. The rules are asked again, also about every address that the name has now, and the connection goes to one of
 * these and to no other: a name that is rebound in between gains nothing. Redirects are not followed.
 */
export function createPostWebhook({ rules, headers, userAgent, loopback = null, lookup = (hostname) => dnsLookup(hostname, { all: true }) }: PostWebhookOptions): PostWebhook {
  async function addressesOf(hostname: string): Promise<readonly Address[]> {
    const host = hostname.replace(/^\[(.*)\]$/, '$1')
    const addresses = isIP(host) ? [{ address: host, family: isIP(host) }] : await lookup(host)
    for (const { address } of addresses) {
      const reason = refuseAddress(address, rules)
      if (reason) throw new RefusedError(isIP(host) ? reason : `${host} is ${address}: ${reason}`)
    }
    return addresses
  }

  return async ({ url, delivery_id, sent_at, body }, signal) => {
    try {
      const reason = refuseUrl(url, rules)
      if (reason) throw new RefusedError(reason)
      // Names of the Standard Webhooks specification: receivers drop what they have had by its id.
      const own = { 'content-type': 'application/json', 'user-agent': userAgent, 'webhook-id': delivery_id, 'webhook-timestamp': String(sent_at) }
      const sending = { headers: { ...headers, ...own }, body, signal }
      if (isOwnRoute(url)) return { kind: 'answered', status: await postHere(url, loopback, delivery_id, sending) }
      const target = new URL(url)
      const addresses = await unlessAborted(addressesOf(target.hostname), signal)
      return { kind: 'answered', status: await post(target, { ...sending, lookup: lookupIn(addresses) }) }
    } catch (error) {
      return { kind: error instanceof RefusedError ? 'refused' : 'failed', error: describe(error) }
    }
  }
}

const lookupIn = (addresses: readonly Address[]): LookupFunction => (_hostname, options, done) => {
  if (options.all) done(null, [...addresses])
  else done(null, addresses[0]!.address, addresses[0]!.family)
}

interface Sending { readonly headers: Record<string, string>, readonly body: string, readonly signal: AbortSignal, readonly lookup?: LookupFunction, readonly socketPath?: string }

function postHere(path: string, loopback: string | null, deliveryId: string, sending: Sending): Promise<number> {
  if (loopback === null) throw new RefusedError('this server has no routes of the project\'s own.')
  return post(new URL(path, 'http://localhost'), { ...sending, headers: { ...sending.headers, [CALLER]: writeCaller({ kind: 'webhook', id: deliveryId }) }, socketPath: loopback })
}

/** Resolves with the status when the answer was read, or enough of it. Each has a connection of its own. */
function post(target: URL, { headers, body, ...connection }: Sending): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = target.protocol === 'https:' ? requestSecure : requestPlain
    request(target, { method: 'POST', headers: { ...headers, 'content-length': Buffer.byteLength(body) }, ...connection, agent: false })
      .on('error', reject)
      .on('response', (response) => drain(response, () => resolve(response.statusCode!)))
      .end(body)
  })
}

function drain(response: IncomingMessage, done: () => void): void {
  let read = 0
  response.on('data', (chunk: Buffer) => {
    read += chunk.byteLength
    if (read > MOST_ANSWER_BYTES) response.destroy()
  })
  // An answer that breaks off has told its status.
  response.on('error', () => {})
  response.on('close', done)
}

/** A name server can't be told to stop. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  const aborted = new Promise<never>((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('The attempt was ended.')), { once: true }))
  return Promise.race([work, aborted])
}

/** Some errors of the network have a code and no message, and some are several. */
function describe(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return describe(error.errors[0])
  if (!(error instanceof Error)) return String(error)
  return error.message || ('code' in error ? String(error.code) : error.name)
}
