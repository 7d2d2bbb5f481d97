import { useEffect, useRef, type RefObject } from 'react'

/** Stays at the end while the person is there; scrolling up holds still what is read. */
export function useFollowEnd<T>(change: T): { box: RefObject<HTMLDivElement | null>, onScroll: () => void, toEnd: () => void } {
  const box = useRef<HTMLDivElement>(null)
  const isAtEnd = useRef(true)
  const toEnd = () => {
    isAtEnd.current = true
    if (box.current) box.current.scrollTop = box.current.scrollHeight
  }
  useEffect(() => {
    if (isAtEnd.current) toEnd()
  }, [change])
  const onScroll = () => {
    const { scrollTop, scrollHeight, clientHeight } = box.current!
    isAtEnd.current = scrollHeight - scrollTop - clientHeight < 40
  }
  return { box, onScroll, toEnd }
}
