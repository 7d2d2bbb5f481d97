import { expect, test } from 'vitest'
import { encodeBatch } from './event-batch.ts'
import { conversationIn, saidIn } from './a2a-messages.ts'
import { answerFrom, contentFrom, partsFrom, readParts } from './a2a-parts.ts'

test('a lone text is told as text, everything else as blocks', () => {
  expect(contentFrom([{ text: 'hi' }])).toBe('hi')
  expect(contentFrom([{ text: 'a' }, { raw: 'AA==', mediaType: 'audio/wav' }, { url: 'https://a.example/b', filename: 'b' }])).toEqual([
    { type: 'text', text: 'a' }, { type: 'audio', mimeType: 'audio/wav', data: 'AA==' }, { type: 'file', mimeType: 'application/octet-stream', url: 'https://a.example/b', metadata: { filename: 'b' } },
  ])
})

test('an answer is what its one part holds', () => {
  expect(answerFrom([{ data: false }])).toBe(false)
  expect(answerFrom([{ text: 'yes' }])).toBe('yes')
  expect(answerFrom([{ text: 'yes' }, { data: { why: 1 } }])).toEqual([{ type: 'text', text: 'yes' }, { type: 'text', text: '{"why":1}' }])
})

test('a message of a model shows its texts and files, whatever they are called', () => {
  expect(partsFrom([
    { type: 'reasoning', reasoning: 'hm' }, { type: 'tool_use', id: '1' }, 'plain', { type: 'text', text: 'said' }, { type: 'text', text: '' }, null, 5,
    { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }, { type: 'image_url', image_url: 'https://a.example/c.png' }, { type: 'image', base64: 'BBBB', mime_type: 'image/gif' }, { type: 'file', url: 'https://a.example/d' },
  ])).toEqual([{ text: 'plain' }, { text: 'said' }, { raw: 'AAAA', mediaType: 'image/png' }, { url: 'https://a.example/c.png' }, { raw: 'BBBB', mediaType: 'image/gif' }, { url: 'https://a.example/d' }])
  for (const content of [null, undefined, 5, {}, '']) expect(partsFrom(content)).toEqual([])
})

test('what is null counts as left out, and data may be null', () => {
  expect(readParts([{ text: 'a', url: null, file: null }, { data: null }, { file: { uri: 'https://a.example', name: 'a' } }])).toEqual([{ text: 'a' }, { data: null }, { url: 'https://a.example', filename: 'a' }])
})

test('a conversation has no instructions and no tools, and a state may hold anything', () => {
  const values = { messages: [{ type: 'system', content: 's' }, { type: 'human', id: 'h', content: 'a' }, { type: 'ai', content: '', tool_calls: [{}] }, { type: 'tool', content: 't' }, { role: 'assistant', content: 'b' }, null, 'c', { type: 'constructor', content: 'd' }] }
  expect(conversationIn(values, 'ctx')).toEqual([{ messageId: 'h', contextId: 'ctx', role: 'user', parts: [{ text: 'a' }] }, { messageId: 'ctx-4', contextId: 'ctx', role: 'agent', parts: [{ text: 'b' }] }])
  for (const other of [null, 5, { messages: 'none' }, {}]) expect(conversationIn(other, 'ctx')).toEqual([])
})

test('chunks of one message are told as one piece', () => {
  const said = (message: object) => ({ event: 'messages', data: Buffer.from(JSON.stringify([message, {}])) })
  const batch = encodeBatch(1, [
    { event: 'metadata', data: Buffer.from('{}') }, said({ type: 'AIMessageChunk', id: 'a', content: 'Hel' }), said({ type: 'AIMessageChunk', id: 'a', content: [{ type: 'text', text: 'lo' }] }),
    said({ type: 'tool', id: 't', content: 'secret' }), said({ type: 'human', id: 'h', content: 'mine' }), said({ type: 'ai', id: 'b', content: 'Bye' }), { event: 'values', data: Buffer.from('{"messages":[]}') },
  ])
  expect(saidIn(batch.bytes)).toEqual([{ id: 'a', text: 'Hello' }, { id: 'b', text: 'Bye' }])
})
