import { HumanMessage } from '@langchain/core/messages'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { createModel } from './create-model.ts'
import { ScriptedChatModel } from './scripted-chat-model.ts'

const echo = (conversation: readonly { text: string }[]) => ({ text: `You said: ${conversation.at(-1)?.text}` })

beforeEach(() => {
  vi.stubEnv('DEMO_SPEED', '0')
  vi.stubEnv('DEMO_PROVIDER', '')
})

describe('createModel', () => {
  test('answers from the script unless a provider is named', async () => {
    expect((await (await createModel(echo)).invoke([new HumanMessage('hi')])).text).toBe('You said: hi')
  })

  test('tells what to install for a provider', async () => {
    vi.stubEnv('DEMO_PROVIDER', 'openai:gpt-5-mini')
    await expect(createModel(echo)).rejects.toThrow('npm install @langchain/openai')
  })

  test.each(['mistral:large', 'openai'])('rejects the provider "%s"', async (provider) => {
    vi.stubEnv('DEMO_PROVIDER', provider)
    await expect(createModel(echo)).rejects.toThrow(`DEMO_PROVIDER is "${provider}"`)
  })
})

describe('ScriptedChatModel', () => {
  const tool = { name: 'look', description: 'Looks', schema: { type: 'object', properties: {} } }
  const model = new ScriptedChatModel(() => ({ text: 'Wait.', toolCalls: [{ name: 'look', args: { at: 'a rather long value to split' } }] }))

  test('calls the tools that are bound to it', async () => {
    const { tool_calls } = await model.bindTools([tool]).invoke('Look!')
    expect(tool_calls).toMatchObject([{ name: 'look', args: { at: 'a rather long value to split' }, type: 'tool_call' }])
    expect((await model.invoke('Look!')).tool_calls).toEqual([])
  })

  test('streams the arguments of a call in pieces', async () => {
    const pieces: string[] = []
    for await (const { tool_call_chunks } of await model.bindTools([tool]).stream('Look!')) pieces.push(...(tool_call_chunks ?? []).map(({ args }) => args ?? ''))
    expect(pieces.length).toBeGreaterThan(2)
    expect(JSON.parse(pieces.join(''))).toEqual({ at: 'a rather long value to split' })
  })
})
