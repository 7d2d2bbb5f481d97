import { useCallback, useEffect, useRef, useState } from 'react'

export interface Loaded<T> {
  /** The last answer; it stays while another is awaited, and where that fails. */
  readonly data: T | null
  readonly error: unknown
  readonly isLoading: boolean
  reload(): Promise<void>
}

/** Reads when `key` changes and when asked; of several answers under way the last one asked for counts. A null key reads nothing. */
export function useLoaded<T>(key: string | null, load: () => Promise<T>): Loaded<T> {
  const [state, setState] = useState<{ key: string | null, data: T | null, error: unknown, isLoading: boolean }>({ key: null, data: null, error: null, isLoading: true })
  const asked = useRef(0)
  const latest = useRef(load)
  latest.current = load
  const reload = useCallback(async () => {
    if (key === null) return
    const mine = ++asked.current
    setState((before) => ({ ...before, key, data: before.key === key ? before.data : null, isLoading: true }))
    try {
      const data = await latest.current()
      if (mine === asked.current) setState({ key, data, error: null, isLoading: false })
    } catch (error) {
      if (mine === asked.current) setState((before) => ({ ...before, error, isLoading: false }))
    }
  }, [key])
  useEffect(() => void reload(), [reload])
  return { data: state.data, error: state.error, isLoading: state.isLoading, reload }
}
