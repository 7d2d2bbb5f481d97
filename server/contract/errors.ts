import { Type, type Static } from 'typebox'

/** Every refusal the platform can give. The HTTP status of each is in `http/error-mapper.ts`. */
export const ERROR_CODES = [
  'invalid_request',
  'unsupported_media_type',
  'host_not_allowed',
  'origin_not_allowed',
  'unauthorized',
  'forbidden',
  'auth_failed',
  'payload_too_large',
  'not_found',
  'assistant_not_found',
  'assistant_exists',
  'graph_not_found',
  'graph_load_failed',
  'thread_not_found',
  'thread_exists',
  'thread_busy',
  'run_not_found',
  'run_active',
  'unknown_interrupt',
  'webhook_not_found',
  'checkpoint_not_found',
  'cron_not_found',
  'ui_not_found',
  'ui_build_failed',
  'conflict',
  'conflict_of_config',
  'nothing_to_change',
  'worker_unavailable',
  'graph_failed',
  'embedding_failed',
  'storage_failed',
  'storage_full',
  'storage_busy',
  'internal',
] as const

export type ErrorCode = (typeof ERROR_CODES)[number]

export const ErrorBody = Type.Object({ detail: Type.String(), code: Type.Optional(Type.String()) })
export type ErrorBody = Static<typeof ErrorBody>
