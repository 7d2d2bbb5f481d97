import type { GraphLog } from '@contract/studio.ts'
import { useEffect, useRef, useState } from 'react'
import { errorText } from '../../api/api-error.ts'
import { studioApi } from '../../api/studio-api.ts'
import { studioStore, useStudio } from '../../app-store.ts'

const PAGE = 1000
/** Lines that the page holds; the server keeps more for a while. */
const MOST = 5000

/** What graphs printed, oldest first, as it comes. */
export function useLogs(): { lines: readonly GraphLog[] | null, error: string | null, clear(): void } {
  const last = useStudio((state) => state.connection.lastLog)
  const url = useStudio((state) => state.connection.url)
  const [state, setState] = useState<{ lines: readonly GraphLog[] | null, error: string | null }>({ lines: null, error: null })
  const read = useRef({ after: 0, isReading: false, isWanted: false })

  useEffect(() => {
    const at = read.current
    const readOn = async (): Promise<void> => {
      at.isWanted = true
      if (at.isReading) return
      at.isReading = true
      try {
        while (at.isWanted) {
          at.isWanted = false
          const { logs, last: newest } = await studioApi.logs(studioStore.getState().connection, { after: at.after, limit: PAGE })
          // A server that was started again counts from the beginning.
          if (newest < at.after) at.isWanted = true
          at.after = newest < at.after ? 0 : logs.at(-1)?.seq ?? at.after
          at.isWanted ||= logs.length === PAGE
          setState(({ lines }) => ({ lines: [...lines ?? [], ...logs].slice(-MOST), error: null }))
        }
      } catch (error) {
        setState((before) => ({ ...before, error: errorText(error) }))
      } finally {
        at.isReading = false
      }
    }
    void readOn()
  }, [last, url])

  return { ...state, clear: () => setState((before) => ({ ...before, lines: [] })) }
}
