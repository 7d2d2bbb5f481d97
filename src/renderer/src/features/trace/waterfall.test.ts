import type { TraceSpan } from '@contract/studio.ts'
import { expect, test } from 'vitest'
import { rowsOf, tokensOf, windowOf } from './waterfall.ts'

const span = (span_id: string, parent_id: string | null, started_at: number, ended_at: number, more: Partial<TraceSpan> = {}): TraceSpan =>
  ({ span_id, parent_id, name: span_id, kind: 'chain', node: null, checkpoint_ns: '', step: null, started_at, ended_at, error: null, model: null, input_tokens: null, output_tokens: null, ...more })

const SPANS = [span('late', 'root', 20, 30), span('inner', 'early', 6, 8), span('early', 'root', 5, 10), span('root', null, 4, 31), span('lost', 'gone', 12, 13)]

test('rows stand below what they were in, in their order', () =>
  expect(rowsOf(SPANS).map(({ span: { span_id }, depth }) => [span_id, depth])).toEqual([['root', 0], ['early', 1], ['inner', 2], ['late', 1], ['lost', 0]]))

test('the window begins with the queue and is never empty', () => {
  expect(windowOf(SPANS, 1)).toEqual({ from: 1, until: 31 })
  expect(windowOf([], 7)).toEqual({ from: 7, until: 8 })
})

test('tokens are those of model calls', () =>
  expect(tokensOf([span('a', null, 0, 1, { kind: 'model', input_tokens: 3, output_tokens: 2 }), span('b', null, 0, 1, { kind: 'model' }), span('c', null, 0, 1, { input_tokens: 100 })])).toEqual({ input: 3, output: 2, calls: 2 }))
