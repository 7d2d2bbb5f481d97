import { Command, INTERRUPT, isInterrupted, MemorySaver } from '@langchain/langgraph'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { graph } from './graph.ts'
import type { ResearchState } from './state.ts'

const QUESTION = 'Is a heat pump worth it?'

const config = { configurable: { thread_id: 'test' } }
const resume = (answer: unknown) => graph.invoke(new Command({ resume: answer }), config)
const idOf = (state: unknown) => isInterrupted(state) ? String(state[INTERRUPT][0]?.id) : ''

async function nodesSoFar(): Promise<string[]> {
  const nodes: string[] = []
  for await (const { next } of graph.getStateHistory(config)) nodes.unshift(...next)
  return nodes
}

beforeEach(() => {
  vi.stubEnv('DEMO_SPEED', '0')
  graph.checkpointer = new MemorySaver()
})

describe('research', () => {
  test('goes back for more when the notes are too thin', async () => {
    const state = await graph.invoke({ question: QUESTION }, config)
    expect(state).toMatchObject({ passes: 2, depth: 'thorough' })
    expect(state.notes.length).toBeGreaterThanOrEqual(3)
    expect(await nodesSoFar()).toEqual([
      '__start__', 'planner',
      'dispatch', 'researcher', 'researcher', 'review',
      'dispatch', 'researcher', 'researcher', 'review',
      'write', 'publish',
    ])
  })

  test('is done after one pass when it is quick', async () => {
    const state = await graph.invoke({ question: QUESTION, depth: 'quick' }, config)
    expect(state).toMatchObject({ passes: 1, plan: ['heat pump benefit'] })
  })

  test.each([
    ['nobody wrote about it', { question: 'What is the future of quantum knitting?' }, 'No report: 2 passes of research found 0 of the 3 notes that it needs.'],
    ['the budget is too small', { question: QUESTION, max_passes: 1 }, 'No report: one pass of research found 2 of the 3 notes that it needs.'],
  ])('gives up when %s', async (_, input, draft) => {
    const state = await graph.invoke(input, config)
    expect(isInterrupted(state)).toBe(false)
    expect(state).toMatchObject({ approved: false, draft })
  })

  test('starts a second question without the notes of the first', async () => {
    const id = idOf(await graph.invoke({ question: QUESTION }, config))
    await resume({ [id]: true })
    const { approved, notes } = await graph.invoke({ question: 'Is remote work good?' }, config)
    expect(approved).toBe(false)
    expect(notes.every(({ source }) => source.startsWith('remote-'))).toBe(true)
  })

  test('needs a question', async () => {
    await expect(graph.invoke({ question: ' ' }, config)).rejects.toThrow('needs a question')
  })

  test('tells its progress, the researchers too', async () => {
    const steps = new Set<string>()
    for await (const [, event] of await graph.stream({ question: QUESTION }, { ...config, streamMode: 'custom', subgraphs: true })) steps.add((event as { step: string }).step)
    expect([...steps]).toEqual(['planned', 'dispatched', 'search', 'read', 'reviewed'])
  })
})

describe('publishing', () => {
  test('asks first', async () => {
    const state = await graph.invoke({ question: QUESTION }, config)
    if (!isInterrupted(state)) throw new Error('The run did not pause.')
    expect(state[INTERRUPT].map(({ value }) => value)).toEqual([
      { question: 'Publish this report?', tool: 'publish_report', title: QUESTION, audience: 'everyone' },
    ])
  })

  test.each<[unknown, Partial<typeof ResearchState.State>]>([
    [true, { approved: true }],
    ['yes', { approved: true }],
    [{ approved: true, title: 'Warm' }, { approved: true, draft: expect.stringMatching(/^# Warm\n/) as string }],
    [false, { approved: false }],
    ['no', { approved: false }],
    [{ approved: false }, { approved: false, draft: expect.stringMatching(/^# Is a heat pump/) as string }],
  ])('takes %j', async (answer, outcome) => {
    const id = idOf(await graph.invoke({ question: QUESTION }, config))
    expect(await resume({ [id]: answer })).toMatchObject(outcome)
  })

  test('rejects what is no answer', async () => {
    await graph.invoke({ question: QUESTION }, config)
    await expect(resume(42)).rejects.toThrow('Publishing takes true, false')
  })
})

test('the drawing names its conditions and shows the researcher inside', async () => {
  const { edges, nodes } = (await graph.getGraphAsync({ xray: true })).toJSON() as { edges: { source: string, data?: string }[], nodes: { id: string }[] }
  expect(edges.filter(({ source }) => source === 'review').map(({ data }) => data)).toEqual(['enough', 'too thin', 'out of budget'])
  expect(nodes.map(({ id }) => id)).toContain('researcher:take_notes')
})
