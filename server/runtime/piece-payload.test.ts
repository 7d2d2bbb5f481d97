import { hash } from 'node:crypto'
import { expect, it } from 'vitest'
import { decodePieces, encodePieces } from './piece-payload.ts'

const hashOf = (text: string) => hash('sha256', text, 'buffer').subarray(0, 20).toString('base64url')

it('packs and unpacks pieces by hash', () => {
  const texts = ['"one"', '["é", 2]', '""']
  const pieces = new Map(texts.map((text) => [hashOf(text), text]))
  const unpacked = decodePieces(encodePieces(pieces))
  expect([...unpacked].map(([key, bytes]) => [key, Buffer.from(bytes).toString()])).toEqual([...pieces])
})

it('refuses what is cut short', () => {
  const packed = encodePieces(new Map([[hashOf('a'), 'abc']]))
  for (const length of [1, 23, 26]) expect(() => decodePieces(packed.subarray(0, length))).toThrow(RangeError)
})
