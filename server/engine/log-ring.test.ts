import { expect, test } from 'vitest'
import { createLogRing } from './log-ring.ts'

const line = (text: string) => ({ stream: 'stdout' as const, level: 'info' as const, text, run_id: null, thread_id: null, graph_id: null, node: null })

test('colours of a terminal are left out of what is kept', () => {
  const ring = createLogRing()
  ring.add(line('line \u001b[33m7\u001b[39m \u001b]8;;https://a.test\u0007link\u001b]8;;\u0007'), '2026-01-01T00:00:00Z')
  expect(ring.read({}, 10)).toMatchObject([{ text: 'line 7 link', seq: 1 }])
})

test('the oldest lines go when there are too many, or too much', () => {
  const few = createLogRing({ mostLines: 2 })
  for (const text of ['a', 'b', 'c']) few.add(line(text), '')
  expect([few.read({}, 10).map(({ text }) => text), few.last()]).toEqual([['b', 'c'], 3])
  const short = createLogRing({ mostCharacters: 4 })
  for (const text of ['abc', 'de']) short.add(line(text), '')
  expect(short.read({}, 10).map(({ text }) => text)).toEqual(['de'])
})
