import { expect, test } from 'vitest'
import type { ThreadSummary } from '@contract/studio.ts'
import { rowsOf, subtitleOf, titleOf } from './thread-groups.ts'

const NOW = new Date('2026-03-10T12:00:00').getTime()
const thread = (change: Partial<ThreadSummary>): ThreadSummary => ({
  thread_id: '12345678-0000', title: null, status: 'idle', graph_id: null, assistant_id: null, created_at: '', updated_at: new Date(NOW - 60_000).toISOString(),
  checkpoints: 4, branches: 1, waiting_at: [], error: null, ...change,
})

test('days head their threads once', () =>
  expect(rowsOf([thread({}), thread({}), thread({ updated_at: new Date(NOW - 86_400_000).toISOString() })], NOW).map((row) => row.kind === 'day' ? row.label : '·')).toEqual(['Today', '·', '·', 'Yesterday', '·']))

test.each([
  [{ status: 'interrupted', waiting_at: ['ask', 'ask', 'publish'] }, /^waits at ask, publish · /],
  [{ status: 'error' }, /^failed · /],
  [{ status: 'busy' }, /^running · /],
  [{}, /^3 supersteps · /],
  [{ checkpoints: 0 }, /^empty · /],
] as const)('%j reads %s', (change, text) => expect(subtitleOf(thread(change as unknown as Partial<ThreadSummary>), NOW)).toMatch(text))

test('a thread without a title is named by its id', () => expect(titleOf(thread({}))).toBe('Thread 12345678'))
