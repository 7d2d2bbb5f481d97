import { HumanMessage } from '@langchain/core/messages'
import { InMemoryStore } from '@langchain/langgraph'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { graph } from './graph.ts'
import type { SupportContext } from './state.ts'

async function ask(question: string, context: Partial<SupportContext> = {}, user_id = 'ada'): Promise<string> {
  const { messages } = await graph.invoke({ messages: [new HumanMessage(question)], user_id }, { context: context as SupportContext })
  return messages.at(-1)?.text ?? ''
}

beforeEach(() => {
  vi.stubEnv('DEMO_SPEED', '0')
  graph.store = new InMemoryStore()
})

test.each([
  ['I want a refund', 'invoice'],
  ['The app crashes at start', 'known problem'],
  ['I want to talk to a person about my refund', 'colleague'],
  ['Hm', 'colleague'],
])('routes "%s"', async (question, answer) => {
  expect(await ask(question)).toContain(answer)
})

describe('memory', () => {
  test('remembers a customer across threads', async () => {
    await ask('Hello, my name is Ada and I prefer email')
    const reply = await ask('I want a refund')
    expect(reply).toContain('Hello Ada.')
    expect(reply).toContain('posted by email')
    expect(await graph.store?.search(['memories', 'ada'])).toHaveLength(2)
  })

  test('keeps customers apart', async () => {
    await ask('My name is Ada')
    expect(await ask('I want a refund', {}, 'grace')).not.toContain('Ada')
  })

  test('can be switched off', async () => {
    await ask('My name is Ada', { use_memory: false })
    expect(await graph.store?.search(['memories', 'ada'])).toEqual([])
  })
})

describe('context', () => {
  test.each<[SupportContext['tone'], RegExp]>([
    ['neutral', /^Hello\. I have/],
    ['warm', /^Hi there, how good/],
    ['strict', /^I have found/],
  ])('sets the tone to %s', async (tone, start) => {
    expect(await ask('I want a refund', { tone })).toMatch(start)
  })

  test.each([0, 1, 3])('allows %i suggestions', async (max_suggestions) => {
    expect((await ask('I want a refund', { max_suggestions })).match(/^- /gm) ?? []).toHaveLength(max_suggestions)
  })

  test('is checked', async () => {
    await expect(ask('Hello', { temperature: 2 })).rejects.toThrow(/temperature/)
  })
})

test('the drawing has the three desks', async () => {
  const { edges } = await graph.getGraphAsync({ xray: true })
  expect(edges.filter(({ source }) => source === 'classify').map(({ target }) => target)).toEqual(['billing', 'technical', 'human'])
})
