import type { RunPage, RunSummary } from '@contract/studio.ts'
import { useCallback, useEffect, useRef, useState } from 'react'
import { studioApi } from '../../api/studio-api.ts'
import { studioStore, useStudio } from '../../app-store.ts'

export interface RunFilter { readonly status: RunSummary['status'] | null, readonly graphId: string | null }

export interface Runs {
  readonly page: RunPage | null
  readonly error: unknown
  more(): Promise<void>
}

const PAGE = 100
const MOST = 1000
/** Notices of one moment are one reading. */
const QUIET_MS = 150

/** Runs of all threads, read again as threads or the queue change; as many as were asked for stay. */
export function useRuns({ status, graphId }: RunFilter): Runs {
  const threads = useStudio((state) => state.threads.items)
  const pending = useStudio((state) => state.connection.project?.queue.pending)
  const running = useStudio((state) => state.connection.project?.queue.running)
  const [state, setState] = useState<{ page: RunPage | null, error: unknown }>({ page: null, error: null })
  const wanted = useRef(PAGE)
  const asked = useRef(0)
  const read = useCallback((before: number | null, limit: number) =>
    studioApi.runs(studioStore.getState().connection, { ...(status ? { status } : {}), ...(graphId ? { graph_id: graphId } : {}), ...(before === null ? {} : { before }), limit }), [status, graphId])

  useEffect(() => {
    const mine = ++asked.current
    const timer = setTimeout(() => void read(null, Math.min(MOST, wanted.current)).then(
      (page) => { if (mine === asked.current) setState({ page, error: null }) },
      (error: unknown) => { if (mine === asked.current) setState((before) => ({ ...before, error })) },
    ), QUIET_MS)
    return () => clearTimeout(timer)
  }, [read, threads, pending, running])

  const { page } = state
  return {
    ...state,
    more: async () => {
      if (page === null || page.next === null) return
      const older = await read(page.next, PAGE)
      wanted.current = page.runs.length + older.runs.length
      setState({ page: { ...older, runs: [...page.runs, ...older.runs] }, error: null })
    },
  }
}
