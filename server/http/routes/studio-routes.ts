import { Type } from 'typebox'
import { Uuid } from '../../contract/common.ts'
import { LogQuery, RunQuery, SummarySearch, TimelineQuery, TitlePatch, type Project, type ThreadNotice } from '../../contract/studio.ts'
import type { StudioService } from '../../services/studio-service.ts'
import { goneSignal, openReply } from '../sse.ts'
import { StatelessRunParams, ThreadParams, type TypedApp } from '../typed-app.ts'

export interface StudioFeeds {
  onProject(listener: () => void): () => void
  /** A graph printed something. */
  onLog(listener: () => void): () => void
  onThread(listener: (notice: ThreadNotice) => void): () => void
}

const SpanParams = Type.Object({ run_id: Uuid, span_id: Type.String({ maxLength: 100 }) })
const GraphParams = Type.Object({ graph_id: Type.String({ maxLength: 500 }) })

const HEARTBEAT_MS = 5000
/** The queue's figures change with every run: no more often than this. */
const QUIET_MS = 100

export function studioRoutes(app: TypedApp, { studio, feeds }: { studio: StudioService, feeds: StudioFeeds }): void {
  app.get('/studio/api/project', async (): Promise<Project> => studio.project())
  app.post('/studio/api/threads/search', { schema: { body: SummarySearch } }, async ({ body }) => studio.search(body))
  app.patch('/studio/api/threads/:thread_id', { schema: { params: ThreadParams, body: TitlePatch } }, ({ params, body }) => studio.rename(params.thread_id, body.title))
  app.get('/studio/api/threads/:thread_id/timeline', { schema: { params: ThreadParams, querystring: TimelineQuery } }, async ({ params, query }) =>
    studio.timeline(params.thread_id, query))

  app.get('/studio/api/runs', { schema: { querystring: RunQuery } }, async ({ query }) => studio.runs(query))
  app.get('/studio/api/runs/:run_id/trace', { schema: { params: StatelessRunParams } }, async ({ params }) => studio.trace(params.run_id))
  app.get('/studio/api/runs/:run_id/trace/:span_id', { schema: { params: SpanParams } }, async ({ params }, reply) => reply.type('application/json').send(studio.spanPayload(params.run_id, params.span_id)))
  app.get('/studio/api/graphs/:graph_id/latency', { schema: { params: GraphParams } }, async ({ params }) => studio.latency(params.graph_id))
  app.get('/studio/api/logs', { schema: { querystring: LogQuery } }, async ({ query }) => studio.logs(query))

  app.get('/studio/api/events', async (_request, reply) => {
    const gone = goneSignal(reply)
    openReply(reply, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' })
    const send = (event: string, data: unknown) => reply.raw.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
    const project = quietly(() => send('project', studio.project()), (error) => reply.log.error({ err: error }, 'The project can not be told'))
    // Only that there are lines: who wants them asks, and one who prints without end floods nobody.
    const logs = quietly(() => send('logs', { last: studio.logs({ limit: 1 }).last }), (error) => reply.log.error({ err: error }, 'The logs can not be told'))
    send('project', studio.project())
    const beat = setInterval(() => reply.raw.write(': heartbeat\n\n'), HEARTBEAT_MS)
    const stops = [feeds.onProject(project.tell), feeds.onLog(logs.tell), feeds.onThread((notice) => {
      send('thread', notice)
      project.tell()
    })]
    gone.addEventListener('abort', () => {
      clearInterval(beat)
      project.stop()
      logs.stop()
      for (const stop of stops) stop()
    })
  })
}

/** Tells once for all that happens within {@link QUIET_MS}. */
function quietly(tell: () => void, onError: (error: unknown) => void): { tell(): void, stop(): void } {
  let due: NodeJS.Timeout | undefined
  return {
    tell: () => {
      due ??= setTimeout(() => {
        due = undefined
        try {
          tell()
        } catch (error) {
          onError(error)
        }
      }, QUIET_MS)
    },
    stop: () => clearTimeout(due),
  }
}
