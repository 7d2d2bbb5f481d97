import { afterAll, beforeAll, expect, it } from 'vitest'
import { startHarness, type Harness } from './testing/harness.ts'
import { createMemoryServices } from './testing/memory-services.ts'

const GRAPHS = { values: './kept-values.ts:graph', sending: './kept-values.ts:sending', unstorable: './kept-values.ts:unstorable' }

// A worker, and another one that finds what the first has left.
let first: Harness
let second: Harness
beforeAll(async () => {
  const services = createMemoryServices()
  ;[first, second] = await Promise.all([startHarness(GRAPHS, {}, services), startHarness(GRAPHS, {}, services)])
}, 60_000)
afterAll(() => Promise.all([first, second].map(({ runtime }) => runtime.stop(0))))

it('values of every kind come back in another process as themselves, or as the rules say', async () => {
  const given = JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"toJSON":"x","$":"p","h":"AAAA","n":1,"list":[{"lc":1,"type":"constructor","id":["langchain","llms","OpenAI"],"kwargs":{}},{"$":"lc","id":["langchain_core","messages","AIMessage"],"v":{}}]}') as object
  expect((await first.run('values', { thread_id: 'values', input: { seed: 20261121, given } })).outcome).toEqual({ status: 'success' })
  expect((await second.run('values', { thread_id: 'values', input: null })).outcome).toEqual({ status: 'success' })
  const last = await second.run('values', { thread_id: 'values', input: null, command: { resume: 'yes' } })
  expect(last.outcome).toEqual({ status: 'success' })
  const { report } = last.named('values').at(-1) as { report: Record<string, unknown> }
  expect(report).toMatchObject({ elsewhere: true, differing: [], messages: [], random: 0, answer: 'yes', polluted: false })
  expect(JSON.stringify(report['given'])).toBe(JSON.stringify(given))
})

it('tasks are sent live values, also by another process', async () => {
  await first.run('sending', { thread_id: 'sending' })
  const sent = await second.run('sending', { thread_id: 'sending', input: null })
  expect(sent.named('values').at(-1)).toEqual({ report: ['HumanMessage', 'AIMessage', 'ToolMessage', 'SystemMessage', 'FunctionMessage', 'ChatMessage', 'RemoveMessage', 'AIMessageChunk', 'HumanMessageChunk', '1970-01-01T00:00:00.000Z'] })
})

it.each([['loop', 'contains itself'], ['deep', 'nested deeper than']])('a run whose state can\'t be kept (%s) fails and says what to do', async (value, message) => {
  const { outcome } = await first.run('unstorable', { input: { value } })
  expect(outcome).toMatchObject({ status: 'error', error: { message: expect.stringContaining(message) as string } })
})
