import { SummarySearch, TimelineQuery, TitlePatch, type Project, type ThreadNotice } from '../../contract/studio.ts'
import type { StudioService } from '../../services/studio-service.ts'
import { goneSignal, openReply } from '../sse.ts'
import { ThreadParams, type TypedApp } from '../typed-app.ts'

export interface StudioFeeds {
  onProject(listener: () => void): () => void
  onThread(listener: (notice: ThreadNotice) => void): () => void
}

const HEARTBEAT_MS = 5000
/** The queue's figures change with every run: no more often than this. */
const QUIET_MS = 100

export function studioRoutes(app: TypedApp, { studio, feeds }: { studio: StudioService, feeds: StudioFeeds }): void {
  app.get('/studio/api/project', async (): Promise<Project> => studio.project())
  app.post('/studio/api/threads/search', { schema: { body: SummarySearch } }, async ({ body }) => studio.search(body))
  app.patch('/studio/api/threads/:thread_id', { schema: { params: ThreadParams, body: TitlePatch } }, ({ params, body }) => studio.rename(params.thread_id, body.title))
  app.get('/studio/api/threads/:thread_id/timeline', { schema: { params: ThreadParams, querystring: TimelineQuery } }, async ({ params, query }) =>
    studio.timeline(params.thread_id, query))

  app.get('/studio/api/events', async (_request, reply) => {
    const gone = goneSignal(reply)
    openReply(reply, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' })
    const send = (event: string, data: unknown) => reply.raw.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
    let due: NodeJS.Timeout | null = null
    const sendProject = () => {
      due ??= setTimeout(() => {
        due = null
        try {
          send('project', studio.project())
        } catch (error) {
          reply.log.error({ err: error }, 'The project can not be told')
        }
      }, QUIET_MS)
    }
    send('project', studio.project())
    const beat = setInterval(() => reply.raw.write(': heartbeat\n\n'), HEARTBEAT_MS)
    const stops = [feeds.onProject(sendProject), feeds.onThread((notice) => {
      send('thread', notice)
      sendProject()
    })]
    gone.addEventListener('abort', () => {
      clearInterval(beat)
      if (due) clearTimeout(due)
      for (const stop of stops) stop()
    })
  })
}
