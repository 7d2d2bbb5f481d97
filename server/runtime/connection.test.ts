import { duplexPair } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { connect, ConnectionClosedError, RemoteError, type Handlers } from './connection.ts'
import { encodeFrame } from './frames.ts'

const pair = (left: Handlers, right: Handlers) => {
  const [a, b] = duplexPair()
  return { left: connect(a, left), right: connect(b, right), streams: [a, b] as const }
}

describe('a connection', () => {
  it('answers requests both ways, interleaved', async () => {
    const { left, right } = pair({ requests: { half: (n: number) => n / 2 } }, { requests: { double: async (n: number) => n * 2, slow: () => new Promise((resolve) => setImmediate(resolve, 'late')) } })
    const answers = await Promise.all([left.request('slow', {}), left.request('double', 21), right.request('half', 8)])
    expect(answers).toEqual(['late', 42, 4])
  })

  it('keeps events and the answer after them in order', async () => {
    const seen: unknown[] = []
    const { left, right } = pair({ events: { step: (n: number, payload) => void seen.push([n, [...payload]]) } }, {
      requests: { run: () => {
        for (const n of [1, 2, 3]) right.notify('step', n, new Uint8Array([n]))
        return 'done'
      } },
    })
    expect(await left.request('run', {})).toBe('done')
    expect(seen).toEqual([[1, [1]], [2, [2]], [3, [3]]])
  })

  it('tells the other end what went wrong', async () => {
    class OddError extends Error {
      override name = 'OddError'
      code = 'odd'
    }
    const { left } = pair({}, { requests: { fail: () => { throw new OddError('no') } } })
    const error: unknown = await left.request('fail', {}).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(RemoteError)
    expect(error).toMatchObject({ name: 'OddError', message: 'no', code: 'odd', stack: expect.stringContaining('connection.test.ts') })
    await expect(left.request('nothing', {})).rejects.toMatchObject({ code: 'unknown_method' })
    await expect(left.request('constructor', {})).rejects.toMatchObject({ code: 'unknown_method' })
  })

  it('rejects what waits when it ends, and what comes after', async () => {
    const { left, right } = pair({}, { requests: { never: () => new Promise(() => undefined) } })
    const waiting = left.request('never', {})
    right.close()
    await expect(waiting).rejects.toBeInstanceOf(ConnectionClosedError)
    await expect(left.request('never', {})).rejects.toBeInstanceOf(ConnectionClosedError)
    expect(() => left.notify('step', {})).not.toThrow()
    expect(await left.closed).toBe(null)
  })

  it.each([['an answer nobody asked for', Buffer.concat(encodeFrame({ t: 'res', id: 99, p: 1 }))], ['bytes that are no frames', Buffer.from('GET / HTTP/1.1\r\n\r\n')]])('ends at %s', async (_what, bytes) => {
    const [a, b] = duplexPair()
    const connection = connect(a, {})
    b.write(bytes)
    expect(await connection.closed).toMatchObject({ name: 'FrameError' })
  })

  it('lets a sender wait until the other end has read', async () => {
    const [a, b] = duplexPair()
    const sender = connect(a, {})
    sender.notify('big', {}, new Uint8Array(1024 * 1024))
    let isDrained = false
    const drained = sender.drained().then(() => { isDrained = true })
    await new Promise((resolve) => setImmediate(resolve))
    expect(isDrained).toBe(false)
    b.resume()
    await drained
    expect(isDrained).toBe(true)
  })
})
