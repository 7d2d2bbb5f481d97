import { AIMessageChunk, HumanMessage } from '@langchain/core/messages'
import { Command, INTERRUPT, isInterrupted, MemorySaver } from '@langchain/langgraph'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { graph } from './graph.ts'

const ASK_FOR_EMAIL = 'Email Ada the summary of the launch notes'

const config = { configurable: { thread_id: 'test' } }
const ask = (question: string) => ({ messages: [new HumanMessage(question)] })
const resume = (answer: unknown) => graph.invoke(new Command({ resume: answer }), config)
const idsOf = (state: unknown) => isInterrupted(state) ? state[INTERRUPT].map(({ id }) => String(id)) : []
const lastText = ({ messages }: Awaited<ReturnType<typeof graph.invoke>>) => messages.at(-1)?.text

beforeEach(() => {
  vi.stubEnv('DEMO_SPEED', '0')
  graph.checkpointer = new MemorySaver()
})

describe('tools', () => {
  test.each([
    ['What is 17 * 23?', 'The result is 391.'],
    ['What is 2 + 3 * (4 - 1)?', 'The result is 11.'],
    ['How is the weather in Lisbon?', 'Lisbon: 22 °C and sunny'],
    ['How is the weather in Tokyo and London?', 'London: 13 °C with light rain\n\nTokyo: 18 °C and clear'],
  ])('answers "%s"', async (question, answer) => {
    expect(lastText(await graph.invoke(ask(question), config))).toBe(answer)
  })

  test('tells of what a tool cannot do', async () => {
    const { messages } = await graph.invoke(ask('What is 1 + (2?'), config)
    expect(messages.find((message) => message.type === 'tool')).toMatchObject({ status: 'error' })
  })

  test('answers the latest question of a conversation', async () => {
    await graph.invoke(ask('What is 17 * 23?'), config)
    expect(lastText(await graph.invoke(ask('What is 1 + 1?'), config))).toBe('The result is 2.')
  })
})

describe('approval of an email', () => {
  test('shows the drafted email', async () => {
    const state = await graph.invoke(ask(ASK_FOR_EMAIL), config)
    if (!isInterrupted(state)) throw new Error('The run did not pause.')
    expect(state[INTERRUPT].map(({ value }) => value)).toMatchObject([{
      action_request: { action: 'send_email', args: { to: 'ada@example.com', subject: 'Summary: Launch notes' } },
      config: { allow_accept: true, allow_edit: true, allow_respond: true, allow_ignore: true },
    }])
  })

  test.each([
    ['a list', [{ type: 'accept' }], 'Sent to ada@example.com'],
    ['an object', { type: 'accept', args: null }, 'Sent to ada@example.com'],
    ['true', true, 'Sent to ada@example.com'],
    ['"approve"', 'approve', 'Sent to ada@example.com'],
    ['an edit', [{ type: 'edit', args: { action: 'send_email', args: { to: 'bob@example.com' } } }], 'Sent to bob@example.com'],
    ['an edit of the arguments alone', { type: 'edit', args: { subject: 'Hello' } }, 'with the subject "Hello"'],
    ['a response', { type: 'response', args: 'Too long' }, 'Not sent. The user answered: Too long'],
    ['an ignore', [{ type: 'ignore' }], 'Not sent. The user rejected'],
    ['false', false, 'Not sent. The user rejected'],
    ['"reject"', 'reject', 'Not sent. The user rejected'],
  ])('takes %s', async (_, answer, outcome) => {
    const [id = ''] = idsOf(await graph.invoke(ask(ASK_FOR_EMAIL), config))
    expect(lastText(await resume({ [id]: answer }))).toContain(outcome)
  })

  test('asks for two emails at once and takes an answer for each', async () => {
    const [ada = '', grace = ''] = idsOf(await graph.invoke(ask('Email Ada and Grace the summary of the offsite notes'), config))
    const text = lastText(await resume({ [ada]: true, [grace]: false }))
    expect(text).toContain('Sent to ada@example.com')
    expect(text).toContain('rejected the email to grace@example.com')
  })
})

describe('the model', () => {
  test('streams its answer word by word and counts its tokens', async () => {
    const chunks: AIMessageChunk[] = []
    for await (const [chunk] of await graph.stream(ask('Hello'), { ...config, streamMode: 'messages' })) {
      if (AIMessageChunk.isInstance(chunk)) chunks.push(chunk)
    }
    expect(chunks.length).toBeGreaterThan(10)
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1)
    const whole = chunks.reduce((sum, chunk) => sum.concat(chunk))
    expect(whole.text).toMatch(/^I can do arithmetic/)
    expect(whole.usage_metadata).toMatchObject({ output_tokens: Math.ceil(whole.text.length / 4) })
  })

  test('stops when the run is aborted', async () => {
    vi.stubEnv('DEMO_SPEED', '1000')
    const run = graph.invoke(ask('Hello'), { ...config, signal: AbortSignal.timeout(20) })
    await expect(run).rejects.toThrow(/abort/i)
  })
})

test('the drawing has all edges', async () => {
  const { edges } = await graph.getGraphAsync({ xray: true })
  expect(edges.map(({ source, target }) => `${source} → ${target}`).sort()).toEqual([
    '__start__ → agent', 'agent → __end__', 'agent → run_tool', 'run_tool → agent',
  ])
})
