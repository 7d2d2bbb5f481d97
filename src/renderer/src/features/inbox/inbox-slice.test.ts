import { expect, test } from 'vitest'
import { waitingIn } from './inbox-slice.ts'

const THREAD = { thread_id: '11111111-1111-4111-8111-111111111111', metadata: {}, interrupts: {}, updated_at: '2026-01-01T00:00:00Z' }

test('a thread is named by its title or its id, and tells each question in a line', () => {
  expect(waitingIn(THREAD)).toMatchObject({ title: 'Thread 11111111', graphId: null, questions: [] })
  const asked = { ...THREAD, metadata: { title: 'Heat', graph_id: 'research' }, interrupts: { task: [{ id: 'a', value: 'Publish?' }, { id: 'b', value: { question: 'Why?' } }] } }
  expect(waitingIn(asked)).toMatchObject({ title: 'Heat', graphId: 'research', questions: ['Publish?', 'Why?'] })
})
