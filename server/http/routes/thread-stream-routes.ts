import { Type } from 'typebox'
import { listOf, QueryList } from '../../contract/common.ts'
import { THREAD_STREAM_MODES, type ThreadStreamMode } from '../../contract/thread-stream.ts'
import { PlatformError } from '../../errors.ts'
import type { ThreadStreamService } from '../../services/thread-stream-service.ts'
import { lastEventId, lastEventIdText } from '../last-event-id.ts'
import { goneSignal, sendEvents } from '../sse.ts'
import { ThreadParams, type TypedApp } from '../typed-app.ts'

const DONE = '-done'

function modesOf(query: string | string[] | undefined): ThreadStreamMode[] {
  const modes = listOf(query) ?? []
  const unknown = modes.find((mode) => !THREAD_STREAM_MODES.some((known) => known === mode))
  if (unknown !== undefined) throw new PlatformError('invalid_request', `querystring/stream_mode must be equal to one of the allowed values: ${THREAD_STREAM_MODES.join(', ')}`)
  return modes.length ? modes as ThreadStreamMode[] : ['run_modes']
}

export function threadStreamRoutes(app: TypedApp, { threadStreams }: { threadStreams: ThreadStreamService }): void {
  app.get('/threads/:thread_id/stream', { schema: { params: ThreadParams, querystring: Type.Object({ stream_mode: QueryList }) } }, async (request, reply) => {
    const id = lastEventIdText(request)
    const knowsEnd = id.endsWith(DONE)
    const from = { after: lastEventId(knowsEnd ? id.slice(0, -DONE.length) : id), knowsEnd }
    const gone = goneSignal(reply)
    const events = threadStreams.join(request.params.thread_id, from, modesOf(request.query.stream_mode), gone)
    const path = `/threads/${request.params.thread_id}`
    await sendEvents(reply, events, { 'content-location': path, location: `${path}/stream` }, gone)
  })
}
