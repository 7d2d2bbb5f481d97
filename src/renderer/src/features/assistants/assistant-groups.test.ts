import type { Assistant } from '@langchain/langgraph-sdk'
import { expect, test } from 'vitest'
import { assistantOf, graphsOf, inOrder, subtitleOf } from './assistant-groups.ts'

const assistant = (name: string, change: Partial<Assistant> = {}): Assistant => ({
  assistant_id: name, graph_id: 'research', name, version: 1, config: {}, context: {}, metadata: {}, created_at: '', updated_at: '', ...change,
})
const system = (name: string, graph_id = name) => assistant(name, { graph_id, metadata: { created_by: 'system' } as Assistant['metadata'] })

test('system ones stand first, then names', () =>
  expect(inOrder([assistant('b'), system('support'), assistant('A'), system('research')]).map(({ name }) => name)).toEqual(['research', 'support', 'A', 'b']))

test('graphs of the project and of the assistants are offered, broken ones too', () => {
  const graph = (graph_id: string, message: string | null) => ({ graph_id, description: null, path: '', error: message ? { message } : null })
  const graphs = graphsOf([assistant('mine'), system('research'), system('old')], { graphs: [graph('research', null), graph('broken', 'No such file')] })
  expect(graphs.map(({ graphId, assistants, error }) => [graphId, assistants.length, error])).toEqual([['broken', 0, 'No such file'], ['old', 1, null], ['research', 2, null]])
  expect(assistantOf(graphs[2]!)?.name).toBe('research')
  expect(assistantOf(graphs[0]!)).toBeUndefined()
})

test.each([[system('research'), false, 'system · v1'], [assistant('x', { version: 3 }), false, 'v3'], [assistant('x', { version: 7 }), true, 'v7 · draft not saved']])('%# a row tells what it is', (one, isDraft, text) =>
  expect(subtitleOf(one, isDraft)).toBe(text))
