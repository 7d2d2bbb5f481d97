import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createRest, trimMemory } from './trim-memory.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('memory is given back once, when nothing has stirred for a while and nothing is going on', () => {
  let busy = true
  const trim = vi.fn()
  const rest = createRest(3000, () => !busy, trim)
  rest.stir()
  vi.advanceTimersByTime(2000)
  rest.stir()
  vi.advanceTimersByTime(2000)
  expect(trim).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1000)
  expect(trim).not.toHaveBeenCalled()
  busy = false
  rest.stir()
  vi.advanceTimersByTime(10_000)
  expect(trim).toHaveBeenCalledTimes(1)
})

test('trimming returns what is garbage', () => {
  let garbage: unknown[] | null = Array.from({ length: 300_000 }, (_, i) => ({ i }))
  const weak = new WeakRef(garbage)
  garbage = null
  vi.useRealTimers()
  return new Promise<void>((resolve) => void setImmediate(() => {
    trimMemory()
    expect(weak.deref()).toBeUndefined()
    resolve()
  }))
})
