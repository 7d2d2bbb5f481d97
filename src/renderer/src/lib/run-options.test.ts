import { beforeEach, expect, test, vi } from 'vitest'
import { changedOptions, DEFAULT_OPTIONS, optionFields, readOptions, writeOptions } from './run-options.ts'

const kept = new Map<string, string>()
beforeEach(() => {
  kept.clear()
  vi.stubGlobal('localStorage', { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) })
})

test('each assistant keeps its own, and the usual is what nothing was chosen for', () => {
  expect(readOptions('a')).toEqual(DEFAULT_OPTIONS)
  writeOptions('a', { ...DEFAULT_OPTIONS, recursionLimit: 5 })
  expect([readOptions('a').recursionLimit, readOptions('b').recursionLimit, changedOptions(readOptions('a')), changedOptions(DEFAULT_OPTIONS)]).toEqual([5, null, 1, 0])
  kept.set('superstep:run-options', 'broken')
  expect(readOptions('a')).toEqual(DEFAULT_OPTIONS)
})

test('only what was chosen is sent', () => {
  expect(optionFields(DEFAULT_OPTIONS)).toEqual({ multitask_strategy: 'enqueue' })
  expect(optionFields({ multitaskStrategy: 'reject', durability: 'sync', recursionLimit: 3, tags: ['x'], metadata: { a: 1 }, afterSeconds: 2, webhook: 'http://a.test' })).toEqual({
    multitask_strategy: 'reject', durability: 'sync', config: { recursion_limit: 3, tags: ['x'] }, metadata: { a: 1 }, after_seconds: 2, webhook: 'http://a.test',
  })
})
