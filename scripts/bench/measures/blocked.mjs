import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { waitFor, warmUp } from '../operations.mjs'
import { interleave, throughput } from '../rounds.mjs'
import { row } from '../rows.mjs'
import { percentile } from '../stats.mjs'

export const title = 'The server while it has much to do, and while a graph blocks its process'

const CLIENTS = 32
/** Both servers send a comment this often while nothing else is to be sent. */
const HEARTBEAT_MS = 5_000
const REFERENCE_BLOCK_MS = 8_000

export async function measure({ rounds, isQuick, superstep, reference, prober, temporaryFolder, say }) {
  const [ours, other] = [await observed(superstep, prober, temporaryFolder()), await withProber(await reference(), prober)]
  await warmUp(ours.server, 'trivial', 300)
  if (other) await warmUp(other.server, 'trivial', 5)
  const scale = isQuick ? 0.2 : 1
  const load = await interleave(rounds, { ours: () => underLoad(ours, 3_000 * scale), other: other && (() => underLoad(other, 160 * scale)) })
  const blockMs = isQuick ? 11_000 : 60_000
  say(`A graph that blocks for ${blockMs / 1000} s`)
  const blocked = await whileBlocked(ours, blockMs)
  const otherBlocked = other && await whileBlocked(other, REFERENCE_BLOCK_MS)
  return [
    ...load.ours.every(({ loop }) => loop) ? [
      row({ name: `Event loop delay with ${CLIENTS} clients, p99`, unit: 'ms', goal: { atMost: 20 }, ours: load.ours.map(({ loop }) => loop.p99) }),
      row({ name: `Event loop delay with ${CLIENTS} clients, most`, unit: 'ms', ours: load.ours.map(({ loop }) => loop.most) }),
    ] : [],
    row({ name: `GET /ok from another process meanwhile, p50`, unit: 'ms', ours: load.ours.map(({ times }) => percentile(times, 0.5)), reference: load.other?.map(({ times }) => percentile(times, 0.5)) ?? null }),
    row({ name: `GET /ok from another process meanwhile, p99`, unit: 'ms', ours: load.ours.map(({ times }) => percentile(times, 0.99)), reference: load.other?.map(({ times }) => percentile(times, 0.99)) ?? null }),
    row({ name: `Slowest GET /ok while a graph blocks (${blockMs / 1000} s; reference ${REFERENCE_BLOCK_MS / 1000} s)`, unit: 'ms', ours: [Math.max(...blocked.times)], reference: otherBlocked && [Math.max(...otherBlocked.times)] }),
    row({ name: 'Latest heartbeat on the blocked run\'s stream', unit: 's', goal: { atMost: 1 }, ours: [blocked.latest / 1000] }),
    row({ name: 'Heartbeats in that time', unit: '', goal: { atLeast: Math.floor(blockMs / HEARTBEAT_MS) - 1 }, ours: [blocked.beats] }),
  ]
}

const withProber = async (server, prober) => server && { server, probe: await prober(server), loop: async () => null }

/** Superstep with the observer of its event loop in it. */
async function observed(superstep, prober, folder) {
  const file = join(folder, 'loop.json')
  const server = await superstep({ env: { SUPERSTEP_BENCH_LOOP: file }, preload: join(import.meta.dirname, '../loop-delay.mjs') })
  const loop = async () => {
    if (process.platform === 'win32') return null
    rmSync(file, { force: true })
    process.kill(server.pid, 'SIGUSR2')
    while (!existsSync(file)) await pause(20)
    await pause(20)
    return JSON.parse(readFileSync(file, 'utf8'))
  }
  return { ...await withProber(server, prober), loop }
}

async function underLoad({ server, probe, loop }, count) {
  await probe()
  await loop()
  await throughput(count, CLIENTS, () => waitFor(server, 'trivial'), server)
  return { times: await probe(), loop: await loop() }
}

/** The stream of a run whose node never gives its thread back: when its heartbeats came, and how /ok was answered meanwhile. */
async function whileBlocked({ server, probe }, ms) {
  await probe()
  const beats = []
  const gaps = []
  let last = null
  await server.client.stream('POST', '/runs/stream', { assistant_id: 'blocking', input: { input: ms }, stream_mode: ['updates'] }, {
    onOpen: () => { last = performance.now() },
    onChunk: (chunk) => {
      if (!chunk.includes(':') || !/^:/m.test(chunk.toString())) return
      beats.push(performance.now())
      gaps.push(beats.at(-1) - last)
      last = beats.at(-1)
    },
  })
  const untilEnd = performance.now() - last
  return { times: await probe(), beats: beats.length, latest: Math.max(0, ...gaps.map((gap) => gap - HEARTBEAT_MS), untilEnd - HEARTBEAT_MS) }
}
