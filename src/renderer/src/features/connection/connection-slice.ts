import type { Project } from '@contract/studio.ts'
import { errorText } from '../../api/api-error.ts'
import type { ConnectionTarget } from '../../api/connection-target.ts'
import { followEvents } from '../../api/event-feed.ts'
import { studioApi } from '../../api/studio-api.ts'
import type { Slice } from '../../app-store.ts'

export interface Connection extends ConnectionTarget {
  readonly status: 'connecting' | 'ready' | 'lost' | 'failed'
  readonly error: string | null
  readonly version: string | null
  /** Our own server: timelines, live notices, titles. Others are read over the public wire. */
  readonly hasStudioApi: boolean
  readonly project: Project | null
  /** The number of the last line that a graph printed, as far as is known. */
  readonly lastLog: number
}

export interface ConnectionSlice {
  readonly connection: Connection
  connect(target: ConnectionTarget): Promise<void>
}

const OFFLINE: Connection = { url: '', apiKey: null, headers: {}, status: 'connecting', error: null, version: null, hasStudioApi: false, project: null, lastLog: 0 }

export const createConnectionSlice: Slice<ConnectionSlice> = (set, get) => {
  let stopFollowing = () => {}
  let connects = 0
  const patch = (change: Partial<Connection>) => set((state) => ({ connection: { ...state.connection, ...change } }))

  function onProject(project: Project): void {
    const before = get().connection.project
    patch({ project, status: 'ready', error: null })
    // New code: what is drawn and asked for may have changed. Without a project before, everything is loaded anyway.
    if (before && before.worker.generation !== project.worker.generation) {
      void get().loadAssistants()
      void get().loadGraph()
    }
  }

  function follow(target: ConnectionTarget): void {
    let wasLost = false
    stopFollowing = followEvents(target, {
      onOpen: () => {
        patch({ status: 'ready', error: null })
        if (wasLost) {
          // It may be another process with other code by now.
          void get().loadAssistants()
          void get().loadGraph()
          void get().loadThreads()
          get().refreshThread()
        }
        wasLost = false
      },
      onLost: () => {
        wasLost = true
        patch({ status: 'lost' })
      },
      onEvent: (event, data) => {
        if (event === 'project') onProject(data as Project)
        else if (event === 'logs') patch({ lastLog: (data as { last: number }).last })
        else if (event === 'thread') get().onThreadNotice(data as Parameters<ReturnType<typeof get>['onThreadNotice']>[0])
      },
    })
  }

  return {
    connection: OFFLINE,
    connect: async (target) => {
      const mine = ++connects
      stopFollowing()
      const isOther = get().connection.url !== '' && get().connection.url !== target.url
      set({ connection: { ...OFFLINE, ...target } })
      // Threads and runs of one server mean nothing to another.
      if (isOther) {
        get().leaveRun()
        get().select({ threadId: null, assistantId: null })
      }
      try {
        const info = await studioApi.info(target)
        if (mine !== connects) return
        patch({ status: 'ready', version: info.version ?? null, hasStudioApi: info.studio !== undefined })
        if (info.studio) follow(target)
        await get().loadAssistants()
        await Promise.all([get().loadGraph(), get().loadThreads()])
        const { threadId } = get().selection
        if (threadId && mine === connects) {
          void get().loadHistory(threadId)
          void get().attachRun()
        }
      } catch (error) {
        if (mine === connects) patch({ status: 'failed', error: errorText(error) })
      }
    },
  }
}
