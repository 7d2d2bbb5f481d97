import { expect, test } from 'vitest'
import { mediaOf, reasoningOf } from './message-parts.ts'

test.each([
  [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AA' } }, { kind: 'image', url: 'data:image/png;base64,AA', name: null }],
  [{ type: 'image_url', image_url: 'https://a.test/x.png' }, { kind: 'image', url: 'https://a.test/x.png', name: null }],
  [{ type: 'image', source_type: 'base64', mime_type: 'image/gif', data: 'AA' }, { kind: 'image', url: 'data:image/gif;base64,AA', name: null }],
  [{ type: 'audio', mimeType: 'audio/ogg', data: 'AA' }, { kind: 'audio', url: 'data:audio/ogg;base64,AA', name: null }],
  [{ type: 'input_audio', input_audio: { data: 'AA', format: 'mp3' } }, { kind: 'audio', url: 'data:audio/mp3;base64,AA', name: null }],
  [{ type: 'file', url: 'https://a.test/x.pdf', metadata: { filename: 'x.pdf' } }, { kind: 'file', url: 'https://a.test/x.pdf', name: 'x.pdf' }],
])('%j is shown', (block, media) => expect(mediaOf(['a', block, null])).toEqual([media]))

test.each(['text', [{ type: 'text', text: 'a' }], [{ type: 'image_url' }], [{ type: 'image' }], null])('%j has nothing but words', (content) => expect(mediaOf(content)).toEqual([]))

test('thoughts are in blocks or beside the content', () => {
  expect(reasoningOf([{ type: 'reasoning', reasoning: 'a' }, { type: 'thinking', thinking: 'b' }, { type: 'text', text: 'c' }], {})).toBe('a\n\nb')
  expect(reasoningOf('c', { reasoning_content: 'a' })).toBe('a')
  expect(reasoningOf('c', null)).toBeNull()
})
