import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ErrorBody, ErrorCode } from '../contract/errors.ts'
import { PlatformError } from '../errors.ts'

/** A new code does not compile until it has a status. */
const STATUS = {
  invalid_request: 422, unsupported_media_type: 415, payload_too_large: 413,
  host_not_allowed: 403, origin_not_allowed: 403, unauthorized: 401, forbidden: 403, auth_failed: 500,
  not_found: 404, assistant_not_found: 404, graph_not_found: 404, thread_not_found: 404, run_not_found: 404, webhook_not_found: 404, checkpoint_not_found: 404, cron_not_found: 404, ui_not_found: 404,
  assistant_exists: 409, thread_exists: 409, thread_busy: 409, run_active: 409, unknown_interrupt: 422, conflict: 409, conflict_of_config: 400, nothing_to_change: 400,
  graph_load_failed: 422, graph_failed: 422, embedding_failed: 422, ui_build_failed: 422, worker_unavailable: 503, storage_failed: 503, storage_busy: 503, storage_full: 507, internal: 500,
} satisfies Record<ErrorCode, number>

/** Fastify's own refusals that a caller can act on. */
const FRAMEWORK: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_BODY_TOO_LARGE: 'payload_too_large',
  FST_ERR_CTP_INVALID_JSON_BODY: 'invalid_request',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'invalid_request',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'invalid_request',
}

function toPlatformError(error: FastifyError | PlatformError | Error): PlatformError | null {
  if (error instanceof PlatformError) return error
  if ('validation' in error && error.validation) return new PlatformError('invalid_request', describe(error))
  const code = 'code' in error ? FRAMEWORK[error.code] : undefined
  if (code === 'unsupported_media_type') return new PlatformError(code, 'Send the body as JSON, with content-type: application/json.')
  if (code) return new PlatformError(code, error.message)
  const status = 'statusCode' in error ? error.statusCode ?? 500 : 500
  return status >= 400 && status < 500 ? new PlatformError('invalid_request', error.message) : null
}

function describe(error: FastifyError): string {
  const where = error.validationContext ?? 'body'
  const first = error.validation?.[0]
  const allowed = first?.params['allowedValues']
  const options = Array.isArray(allowed) ? `: ${allowed.map((value) => JSON.stringify(value)).join(', ')}` : ''
  return `${where}${first?.instancePath ?? ''} ${first?.message ?? error.message}${options}`
}

/** All errors leave as `{detail}` (§0.4), with our code beside it. */
export function setErrorMapper(app: FastifyInstance, explain: (error: unknown) => unknown): void {
  app.setErrorHandler<FastifyError>((thrown, request, reply) => {
    const error = explain(thrown) as FastifyError | PlatformError
    const known = toPlatformError(error)
    if (!known) request.log.error({ err: error, url: request.url }, 'Unexpected error')
    const { code, message, status } = known ?? { code: 'internal' as const, message: 'Internal error.', status: null }
    return reply.code(status ?? STATUS[code]).send({ detail: message, code } satisfies ErrorBody)
  })
  app.setNotFoundHandler((request, reply) => reply.code(404).send({ detail: `There is no ${request.method} ${request.url.split('?')[0]}.`, code: 'not_found' } satisfies ErrorBody))
}

/** Before routing: an address that can't be decoded. */
export function answerFrameworkError(error: FastifyError, _request: FastifyRequest, reply: FastifyReply): void {
  void reply.code(error.statusCode ?? 400).send({ detail: error.message, code: 'invalid_request' } satisfies ErrorBody)
}
