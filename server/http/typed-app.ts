import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyBaseLogger, FastifyInstance, FastifyRequest, RawReplyDefaultExpression, RawRequestDefaultExpression, RawServerDefault } from 'fastify'
import { Type } from 'typebox'
import type { RunOrigin } from '../services/run-service.ts'
import { AssistantRef, listOf, Uuid } from '../contract/common.ts'
import { PlatformError } from '../errors.ts'

/** An app whose handlers see the types of their route's schemas. */
export type TypedApp = FastifyInstance<RawServerDefault, RawRequestDefaultExpression, RawReplyDefaultExpression, FastifyBaseLogger, TypeBoxTypeProvider>

export const ThreadParams = Type.Object({ thread_id: Uuid })
export const RunParams = Type.Object({ thread_id: Uuid, run_id: Uuid })
export const StatelessRunParams = Type.Object({ run_id: Uuid })
export const AssistantParams = Type.Object({ assistant_id: AssistantRef })

/** The names that a query's list gives, each one that `isKnown`; null where it gives none. */
export function queryNames(parameter: string, value: string | string[] | undefined, isKnown: (name: string) => boolean, known: string): string[] | null {
  const names = listOf(value)
  const unknown = names?.find((name) => !isKnown(name))
  if (unknown !== undefined) throw new PlatformError('invalid_request', `querystring/${parameter} has no "${unknown.slice(0, 100)}": it may name ${known}.`)
  return names
}

/** `X-Pagination-Next` is absent at the end (§0.4). */
export function paginationHeaders(total: number, page: { limit?: number, offset?: number }, count: number): Record<string, string> {
  const next = (page.offset ?? 0) + count
  return { 'x-pagination-total': String(total), ...(count > 0 && next < total ? { 'x-pagination-next': String(next) } : {}) }
}

/** What a run takes over from the request that it comes of. */
export const originOf = ({ headers, user, owned }: FastifyRequest): RunOrigin => ({ headers, user: user ?? null, owned: owned ?? null })
