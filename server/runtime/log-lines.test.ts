import { Readable } from 'node:stream'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { markOf, readLines } from './log-lines.ts'

async function read(bytes: Buffer, cuts: readonly number[] = []) {
  const seen: [string, object][] = []
  const edges = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  const stream = Readable.from(edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge)).filter((part) => part.length > 0), { objectMode: false })
  readLines(stream, (line, origin) => seen.push([line, origin]))
  await new Promise((resolve) => stream.on('end', resolve))
  return seen
}

const run = { level: 'warn' as const, run_id: 'r', node: 'plan' }

it('each line has the origin it was marked with, wherever the stream is cut', async () => {
  const text = `plain\n${markOf(run)}one\r\ntwö\n${markOf(null)}native\n${markOf(run)}half`
  await fc.assert(fc.asyncProperty(fc.array(fc.nat()), async (cuts) => {
    expect(await read(Buffer.from(text), cuts)).toEqual([['plain', {}], ['one', run], ['twö', run], ['native', {}], ['half', run]])
  }))
})

it('half a line ends where another run speaks', async () => {
  expect(await read(Buffer.from(`${markOf(run)}half${markOf({ run_id: 'other' })}whole\n`))).toEqual([['half', run], ['whole', { run_id: 'other' }]])
})

it('what only looks like a mark is text, or no origin', async () => {
  expect(await read(Buffer.from(`\u001e${'x'.repeat(5000)}\n`))).toEqual([['x'.repeat(5000), {}]])
  expect(await read(Buffer.from('\u001enonsense\u001ftext\n'))).toEqual([['text', {}]])
  expect(await read(Buffer.from('\u001e{"run_id":7}\u001ftext\n'))).toEqual([['text', {}]])
})

it('a line that never ends is told in parts', async () => {
  const lines = await read(Buffer.alloc(1024 * 1024, 'x'), Array.from({ length: 100 }, (_, index) => index * 10_000))
  expect(lines.length).toBeGreaterThan(10)
  expect(lines.map(([line]) => line).join('')).toHaveLength(1024 * 1024)
})
