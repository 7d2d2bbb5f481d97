import { beforeEach, expect, test, vi } from 'vitest'
import { forgetDrafts, recentAnswers, rememberAnswer } from './drafts.ts'

const kept = new Map<string, string>()
beforeEach(() => {
  kept.clear()
  vi.stubGlobal('localStorage', { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) })
})

test('the newest answers of a node are remembered, each once', () => {
  for (const answer of ['a', 'b', true, 'a', 1, 2, 3]) rememberAnswer('publish', answer)
  expect(recentAnswers('publish')).toEqual(['3', '2', '1', '"a"', 'true'])
  expect(recentAnswers('other')).toEqual([])
})

test('an answered question forgets its own drafts alone', () => {
  kept.set('superstep:answer-drafts', JSON.stringify({ 'i1 text': 'x', 'i1 json': 'y', 'i2 text': 'z' }))
  forgetDrafts('i1')
  expect(JSON.parse(kept.get('superstep:answer-drafts')!)).toEqual({ 'i2 text': 'z' })
})

test('what is kept may be broken', () => {
  kept.set('superstep:recent-answers', '{')
  expect(recentAnswers('publish')).toEqual([])
})
