import { describe, expect, test } from 'vitest'
import { graphToFlow, sizeOf, type Drawable } from './graph-to-flow.ts'

const GRAPH: Drawable = {
  nodes: ['__start__', 'plan', 'researcher:search', 'researcher:read', 'review', '__end__'].map((id) => ({ id, type: 'runnable' })),
  edges: [
    { source: '__start__', target: 'plan' },
    { source: 'plan', target: 'researcher:search', conditional: true, data: 'each' },
    { source: 'researcher:search', target: 'researcher:read' },
    { source: 'researcher:read', target: 'review' },
    { source: 'review', target: 'plan', conditional: true, data: 'too thin' },
    { source: 'review', target: '__end__', conditional: true, data: '__end__' },
    { source: 'review', target: 'review', conditional: true },
  ],
}

const edges = (flow: ReturnType<typeof graphToFlow>) => flow.edges.map(({ id }) => id)

describe('folded', () => {
  const flow = graphToFlow(GRAPH, new Set())
  test('a subgraph is one card', () => {
    expect(flow.nodes.map(({ id, type }) => [id, type])).toEqual([['__start__', 'terminal'], ['plan', 'card'], ['researcher', 'card'], ['review', 'card'], ['__end__', 'terminal']])
    expect(flow.nodes[2]!.data).toEqual({ name: 'researcher', path: 'researcher', isSubgraph: true })
    expect(flow.subgraphs).toEqual(['researcher'])
  })
  test('its inner edges are gone, outer ones lead to it, loops stay', () =>
    expect(edges(flow)).toEqual(['__start__→plan', 'plan→researcher', 'researcher→review', 'review→plan', 'review→__end__', 'review→review']))
  test('conditional ones are told apart and labelled where the label says more than the target', () => {
    expect(flow.edges.find(({ id }) => id === 'review→plan')?.data).toEqual({ conditional: true, label: 'too thin' })
    expect(flow.edges.find(({ id }) => id === 'review→__end__')?.data).toEqual({ conditional: true, label: null })
    expect(flow.edges.find(({ id }) => id === '__start__→plan')?.data?.conditional).toBe(false)
  })
})

test('opened, a subgraph is a frame with its nodes inside, parents first', () => {
  const flow = graphToFlow(GRAPH, new Set(['researcher']))
  expect(flow.nodes[0]).toMatchObject({ id: 'researcher', type: 'frame' })
  expect(flow.nodes.find(({ id }) => id === 'researcher:read')).toMatchObject({ parentId: 'researcher', type: 'card', data: { name: 'read' } })
  expect(edges(flow)).toContain('researcher:search→researcher:read')
})

test('an opened one inside a folded one stays folded', () => {
  const nested: Drawable = { nodes: [{ id: 'a:b:c' }, { id: 'd' }], edges: [{ source: 'd', target: 'a:b:c' }] }
  expect(graphToFlow(nested, new Set(['a:b'])).nodes.map(({ id }) => id)).toEqual(['a', 'd'])
  expect(graphToFlow(nested, new Set(['a', 'a:b'])).nodes.map(({ id, parentId }) => [id, parentId])).toEqual([['a', undefined], ['a:b', 'a'], ['a:b:c', 'a:b'], ['d', undefined]])
})

test('an edge to nowhere is left out, a long name does not make a card endless', () => {
  const flow = graphToFlow({ nodes: [{ id: 'x'.repeat(300) }], edges: [{ source: 'x', target: 'gone' }] }, new Set())
  expect(flow.edges).toEqual([])
  expect(sizeOf(flow.nodes[0]!).width).toBe(310)
})
