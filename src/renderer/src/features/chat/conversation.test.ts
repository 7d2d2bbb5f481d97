import { expect, test } from 'vitest'
import { readMessage } from '../../stream/read-message.ts'
import { conversation, firstThat, messageKeys, withLive } from './conversation.ts'

const human = (id: string) => ({ type: 'human', id, content: id })

test('conversations are lists of messages in the state, and what schemas say', () => {
  expect(messageKeys({ notes: ['a'], log: [human('1')] }, [{ properties: { messages: { type: 'array' }, n: { type: 'number' } } }, null])).toEqual(['messages', 'log'])
  expect(messageKeys({}, [])).toEqual([])
})

test('what a run says stands after what the state has, and once', () => {
  const settled = conversation({ messages: [human('1'), human('2')] }, 'messages')
  const [two, three] = [readMessage(human('2'), ''), readMessage(human('3'), '')]
  expect(withLive(settled, { messageIds: ['2', '3'], messages: { 2: two, 3: three } }).map(({ id }) => id)).toEqual(['1', '2', '3'])
  expect(conversation({ messages: 'no' }, 'messages')).toEqual([])
})

test.each([[1, 0], [5, 0], [5, 3], [5, 4], [1000, 617]])('of %i the first one that has it is %i', async (count, first) => {
  let asked = 0
  expect(await firstThat(count, async (at) => {
    asked++
    return at >= first
  })).toBe(first)
  expect(asked).toBeLessThanOrEqual(Math.ceil(Math.log2(count)) + 1)
})

test('none may have it', async () => {
  expect(await firstThat(0, async () => true)).toBeNull()
  expect(await firstThat(3, async () => false)).toBeNull()
})
