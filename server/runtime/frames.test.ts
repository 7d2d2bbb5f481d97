import { array, assert, dictionary, jsonValue, nat, property, record, string, uint8Array } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFrameDecoder, encodeFrame, FRAME_MAX, FrameError } from './frames.ts'

const bytesOf = (header: object, payload?: Uint8Array) => Buffer.concat(encodeFrame(header, payload))
const frame = record({ header: dictionary(string({ unit: 'grapheme' }), jsonValue()).filter((header) => !Object.hasOwn(header, '__proto__')), payload: uint8Array({ maxLength: 40 }) })
const plain = (frames: readonly { header: unknown, payload: Uint8Array }[]) => frames.map(({ header, payload }) => ({ header: JSON.parse(JSON.stringify(header)) as unknown, payload: [...payload] }))

describe('frames', () => {
  it('come out the same wherever the stream is cut in two', () => {
    const all = Buffer.concat([bytesOf({ t: 'evt', m: 'é' }, new Uint8Array([1, 2, 3])), bytesOf({}), bytesOf({ t: 'res', id: 1 }, new Uint8Array(5))])
    const whole = plain(createFrameDecoder().push(all))
    for (let at = 0; at <= all.length; at++) {
      const decoder = createFrameDecoder()
      expect(plain([...decoder.push(all.subarray(0, at)), ...decoder.push(all.subarray(at))])).toEqual(whole)
      expect(decoder.pending).toBe(0)
    }
  })

  it('come out the same however the stream is cut', () => {
    assert(property(array(frame, { minLength: 1, maxLength: 5 }), array(nat(64), { minLength: 1 }), (frames, cuts) => {
      const all = Buffer.concat(frames.map(({ header, payload }) => bytesOf(header, payload)))
      const decoder = createFrameDecoder()
      const seen = []
      for (let at = 0, turn = 0; at < all.length; turn++) {
        const next = at + 1 + cuts[turn % cuts.length]!
        seen.push(...decoder.push(all.subarray(at, next)))
        at = next
      }
      expect(plain(seen)).toEqual(plain(frames))
    }))
  })

  it('are refused when they claim too much or too little', () => {
    expect(() => createFrameDecoder(100).push(bytesOf({}, new Uint8Array(100)))).toThrow(FrameError)
    expect(() => createFrameDecoder().push(Buffer.from([0, 0, 0, 3, 0, 0, 0]))).toThrow(FrameError)
    expect(() => createFrameDecoder().push(Buffer.from([0xff, 0xff, 0xff, 0xff]))).toThrow(String(FRAME_MAX))
    expect(() => createFrameDecoder().push(Buffer.from([0, 0, 0, 6, 0, 0, 0, 9, 123, 125]))).toThrow('longer than its frame')
  })

  it.each(['[1]', '1', 'null', '{"a"', '\u0000'])('are refused when the header is %j', (json) => {
    const header = Buffer.from(json)
    const head = Buffer.alloc(8)
    head.writeUInt32BE(4 + header.length, 0)
    head.writeUInt32BE(header.length, 4)
    expect(() => createFrameDecoder().push(Buffer.concat([head, header]))).toThrow(FrameError)
  })

  it('tell how many bytes wait for the rest', () => {
    const decoder = createFrameDecoder()
    decoder.push(bytesOf({ a: 1 }).subarray(0, 9))
    expect(decoder.pending).toBe(9)
  })
})
