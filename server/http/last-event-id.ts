import type { FastifyRequest } from 'fastify'
import { PlatformError } from '../errors.ts'

/** The id as it was sent; empty when there is none. */
export function lastEventIdText({ headers }: FastifyRequest): string {
  const header = headers['last-event-id']
  return (Array.isArray(header) ? header[0] : header) ?? ''
}

/** §2.5: `-1` and `-` mean from the start; nothing means from now on. Ids of ours are whole numbers. */
export function lastEventId(text: string): number | 'live' {
  if (text === '') return 'live'
  if (text === '-') return -1
  if (!/^-?\d{1,15}$/.test(text)) throw new PlatformError('invalid_request', `headers/last-event-id "${text.slice(0, 40)}" is not an id of this server's.`)
  return Number(text)
}
