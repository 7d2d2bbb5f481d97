import type { Command } from '@langchain/langgraph-sdk'
import { errorText, isAbort } from '../../api/api-error.ts'
import { clientFor } from '../../api/client.ts'
import type { Slice } from '../../app-store.ts'
import { createFrameBatcher } from '../../stream/frame-batcher.ts'
import { reduceRun } from '../../stream/reduce-run.ts'
import { decodeEvent, type RunEvent } from '../../stream/run-event.ts'
import { sdkPayload } from '../../lib/as-code.ts'
import { EMPTY_RUN_VIEW, type RunView } from '../../stream/run-view.ts'
import { requestBody } from './request-body.ts'

export interface RunState {
  readonly phase: 'idle' | 'starting' | 'running' | 'cancelling' | 'failed'
  readonly threadId: string | null
  readonly runId: string | null
  /** Why the last run could not be started or followed; a graph's own failure is in the view. */
  readonly error: string | null
}

export interface RunRequest {
  readonly input?: unknown
  readonly command?: Command
  /** Goes on from an older checkpoint. */
  readonly checkpointId?: string
}

export interface RunSlice {
  readonly run: RunState
  readonly runView: RunView
  /** `onAccepted` is called once the server has the run: what was typed is safe then. */
  startRun(request: RunRequest, onAccepted?: () => void): Promise<void>
  cancelRun(): Promise<void>
  /** Follows the open thread's run when one is under way that is not followed yet (after a reload, or started elsewhere). */
  attachRun(): Promise<void>
  /** Another thread is looked at: its runs are not this view's. */
  leaveRun(): void
}

const IDLE: RunState = { phase: 'idle', threadId: null, runId: null, error: null }

/** Several frames a screen refresh are one change of the store; hidden tabs get no frames, so a timer stands behind it. */
const nextFrame = (flush: () => void) => {
  let isDone = false
  const once = () => {
    if (isDone) return
    isDone = true
    flush()
  }
  requestAnimationFrame(once)
  setTimeout(once, 100)
}

export const createRunSlice: Slice<RunSlice> = (set, get) => {
  let following: AbortController | null = null

  async function follow(frames: AsyncIterable<{ event: string, data: unknown }>, signal: AbortSignal): Promise<void> {
    let seq = 0
    const batcher = createFrameBatcher<RunEvent>((batch) => {
      if (!signal.aborted) set(({ runView }) => ({ runView: batch.reduce(reduceRun, runView) }))
    }, nextFrame)
    let seen = 0
    for await (const frame of frames) {
      if (signal.aborted) return
      const event = decodeEvent(frame, seq++, Date.now())
      batcher.push(event)
      // The strip grows with every superstep, without waiting for the run's end.
      if (event.event === 'checkpoints' && event.namespace.length === 0 && seen++ > 0) get().refreshThread()
    }
    batcher.flush()
  }

  async function watch(threadId: string, open: (signal: AbortSignal) => AsyncIterable<{ event: string, data: unknown }>): Promise<void> {
    following?.abort()
    const controller = new AbortController()
    following = controller
    set({ runView: EMPTY_RUN_VIEW })
    try {
      await follow(open(controller.signal), controller.signal)
      if (!controller.signal.aborted) set({ run: IDLE })
    } catch (error) {
      if (!controller.signal.aborted && !isAbort(error)) set({ run: { phase: 'failed', threadId, runId: null, error: errorText(error) } })
    } finally {
      if (following === controller) following = null
      if (!controller.signal.aborted && get().selection.threadId === threadId) {
        await get().loadHistory(threadId)
        void get().loadThreads()
      }
    }
  }

  async function ensureThread(): Promise<string> {
    const { connection, selection, assistants } = get()
    if (selection.threadId) return selection.threadId
    const graphId = assistants.items.find((assistant) => assistant.assistant_id === selection.assistantId)?.graph_id
    const { thread_id } = await clientFor(connection).threads.create({ metadata: { ...(graphId ? { graph_id: graphId } : {}), ...(selection.assistantId ? { assistant_id: selection.assistantId } : {}) } })
    return thread_id
  }

  return {
    run: IDLE,
    runView: EMPTY_RUN_VIEW,
    startRun: async (request, onAccepted) => {
      const { connection, selection: { assistantId } } = get()
      if (!assistantId) return
      set({ run: { ...IDLE, phase: 'starting' }, runView: EMPTY_RUN_VIEW })
      try {
        const threadId = await ensureThread()
        set({ run: { ...IDLE, phase: 'starting', threadId } })
        get().select({ threadId, checkpointId: null })
        const { assistant_id: _, ...body } = requestBody(get(), request)
        await watch(threadId, (signal) => clientFor(connection).runs.stream(threadId, assistantId, {
          ...sdkPayload(body), signal,
          onRunCreated: ({ run_id }) => {
            set({ run: { phase: 'running', threadId, runId: run_id, error: null } })
            onAccepted?.()
          },
        }) as AsyncIterable<{ event: string, data: unknown }>)
      } catch (error) {
        set({ run: { ...IDLE, phase: 'failed', error: errorText(error) } })
      }
    },
    cancelRun: async () => {
      const { connection, run: { threadId, runId } } = get()
      if (!threadId || !runId) return
      set(({ run }) => ({ run: { ...run, phase: 'cancelling' } }))
      try {
        await clientFor(connection).runs.cancel(threadId, runId, true)
      } catch (error) {
        // Ended by itself meanwhile: then the stream tells so. Anything else, and it can be tried again.
        set(({ run }) => run.runId === runId && run.phase === 'cancelling' ? { run: { ...run, phase: 'running', error: errorText(error) } } : {})
      }
      await get().loadHistory(threadId)
    },
    attachRun: async () => {
      const { connection, selection: { threadId }, run } = get()
      const isFollowed = () => get().run.threadId === threadId && get().run.phase !== 'failed'
      if (!threadId || isFollowed() || run.phase === 'starting') return
      const runs = await clientFor(connection).runs.list(threadId, { limit: 5 }).catch(() => [])
      const live = runs.find((candidate) => candidate.status === 'running') ?? runs.find((candidate) => candidate.status === 'pending')
      if (!live || get().selection.threadId !== threadId || isFollowed()) return
      set({ run: { phase: 'running', threadId, runId: live.run_id, error: null } })
      await watch(threadId, (signal) => clientFor(connection).runs.joinStream(threadId, live.run_id, { lastEventId: '-1', signal }) as AsyncIterable<{ event: string, data: unknown }>)
    },
    leaveRun: () => {
      following?.abort()
      following = null
      set({ run: IDLE, runView: EMPTY_RUN_VIEW })
    },
  }
}
