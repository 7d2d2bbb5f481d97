import { expect, test } from 'vitest'
import { mediaOf } from '../../stream/message-parts.ts'
import { textOf } from '../../stream/read-message.ts'
import { contentOf } from './attachments.ts'

test('words alone are plain text; with files they are blocks that read back', () => {
  expect(contentOf('hi', [])).toBe('hi')
  const files = [['a.png', 'image/png'], ['b.mp3', 'audio/mpeg'], ['c.pdf', 'application/pdf']].map(([name, mime]) => ({ name: name!, mime: mime!, bytes: 1, base64: 'AA' }))
  const content = contentOf('hi', files)
  expect(textOf(content)).toBe('hi')
  expect(mediaOf(content)).toEqual([
    { kind: 'image', url: 'data:image/png;base64,AA', name: null }, { kind: 'audio', url: 'data:audio/mpeg;base64,AA', name: 'b.mp3' }, { kind: 'file', url: 'data:application/pdf;base64,AA', name: 'c.pdf' },
  ])
})
