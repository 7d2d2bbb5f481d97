import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { request, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, onTestFinished, test, vi } from 'vitest'
import { startProjectServer } from './start-project-server.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const EVENTS = 200_000
const SIZE = 120
const MOST_BYTES = 16 * 1024 * 1024

test('a graph that emits far more than its client reads costs disk, not memory, and the client gets all of it in order', { timeout: 120_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'superstep-pressure-'))
  const server = await startProjectServer({ dataFile: join(folder, 'superstep.db') })
  onTestFinished(async () => {
    await server.stop(0)
    rmSync(folder, { recursive: true })
  })
  const { thread_id } = await (await fetch(`${server.url}/threads`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })).json() as { thread_id: string }
  const statusOf = async () => (await (await fetch(`${server.url}/threads/${thread_id}`)).json() as { status: string }).status
  collectGarbage()
  const before = process.memoryUsage().arrayBuffers

  const posting = request(`${server.url}/threads/${thread_id}/runs/stream`, { method: 'POST', agent: false, headers: { 'content-type': 'application/json' } })
  posting.end(JSON.stringify({ assistant_id: 'emitting', input: { events: EVENTS, size: SIZE }, stream_mode: ['custom'] }))
  const [response] = await once(posting, 'response') as [IncomingMessage]
  const grown: number[] = []
  await vi.waitFor(async () => {
    collectGarbage()
    grown.push(process.memoryUsage().arrayBuffers - before)
    expect(await statusOf()).toBe('idle')
  }, { timeout: 100_000, interval: 250 })
  expect(Math.max(...grown)).toBeLessThan(MOST_BYTES)

  let events = 0
  let rest = ''
  for await (const part of response) {
    const frames = (rest + String(part)).split('\n\n')
    rest = frames.pop()!
    for (const frame of frames) if (frame.startsWith(`id: ${events + 1}\n`)) events++
  }
  expect(events).toBe(EVENTS + 1)
})
